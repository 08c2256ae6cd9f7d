// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/tlscontext.h"
#include "server/http/transport.h"

namespace godwit::http {

/// TLS by libssl on the descriptor itself. Not an inner QSslSocket: that builds a context a socket (no resumption, 1.6
/// times the CPU a handshake, 68 KiB an idle connection against 15) and loses the answer of a half-closed connection.
class TlsTransport final : public Transport
{
public:
    TlsTransport(qintptr descriptor, const TlsContext &context);
    ~TlsTransport() override;

    qint64 read(char *to, qint64 size) override;
    qint64 write(const char *from, qint64 size) override;
    bool hasBuffered() const override;
    bool isReady() const override { return m_isReady; }
    bool wantsWrite() const override { return m_wantsWrite; }
    void sayGoodbye() override; ///< close_notify

private:
    qint64 outcome(int returned);

    ssl_st *m_ssl;
    bool m_isReady = false;
    bool m_wantsWrite = false;
    bool m_hasFailed = false;
};

} // namespace godwit::http
