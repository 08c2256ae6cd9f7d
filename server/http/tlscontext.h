// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QByteArray>
#include <QString>

#include <memory>
#include <mutex>

struct ssl_ctx_st;
struct ssl_st;

namespace godwit::http {

/// A certificate with its key, and the settings of TLS 1.2 and 1.3, for all connections accepted since it was loaded.
/// Immutable: any thread may open connections from it.
class TlsContext
{
    Q_DISABLE_COPY_MOVE(TlsContext)

public:
    struct Files
    {
        QString certificate; ///< PEM, the whole chain, ours first
        QString key; ///< PEM
    };

    /// Error::InvalidArgument names the file and what libssl says of it.
    /// @p ticketKeys: of the context that this one replaces, so that sessions outlive a reload; empty for fresh ones.
    static Result<std::shared_ptr<TlsContext>> load(const Files &files, const QByteArray &ticketKeys = {});
    ~TlsContext();

    QByteArray ticketKeys() const;
    /// A server's end on @p descriptor, for SSL_free().
    ssl_st *open(qintptr descriptor) const;

private:
    explicit TlsContext(ssl_ctx_st *context) : m_context(context) { }
    ssl_ctx_st *m_context;
};

/// The context in force, shared by all listeners of a server. A reload changes what new connections get; connections
/// that are open keep theirs. A short lock, taken once a connection.
class TlsContextSource
{
public:
    explicit TlsContextSource(std::shared_ptr<TlsContext> context) : m_context(std::move(context)) { }

    std::shared_ptr<TlsContext> current() const
    {
        const std::lock_guard lock(m_mutex);
        return m_context;
    }
    /// Any thread. Where it fails, what was in force stays so.
    Result<void> reload(const TlsContext::Files &files);

private:
    mutable std::mutex m_mutex;
    std::shared_ptr<TlsContext> m_context; // shared with the connections made from it
};

} // namespace godwit::http
