// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/client/apiclient.h"
#include "shared/client/eventsource.h"
#include "shared/client/socket.h"

#include <QUrl>

#include <memory>

namespace godwit::net {

/// What the pages share: one server, the way to ask it, and the metrics stream, whose state stands for the server's.
/// Lives longer than every page; connecting to another server makes a new session and new pages.
class Session : public QObject
{
    Q_OBJECT

public:
    struct Options
    {
        QUrl server;
        QByteArray token; ///< sent as `Authorization: Bearer`; empty for none
        QString user; ///< the name in chat rooms; the system user's if empty
        client::ConnectionOptions connection;
    };

    explicit Session(Options options, QObject *parent = nullptr);

    const QUrl &server() const { return m_api.server(); }
    const QString &user() const { return m_options.user; }
    client::ApiClient &api() { return m_api; }
    /// GET /api/metrics/stream. Started by the main window.
    client::EventSource &metrics() { return *m_metrics; }

    /// Not started yet; the caller owns it and must drop it before the session.
    std::unique_ptr<client::EventSource> eventSource(const QString &path, const QUrlQuery &query = {}) const;
    std::unique_ptr<client::Socket> socket(const QString &path, const QUrlQuery &query = {}) const;

private:
    Options m_options;
    client::ApiClient m_api;
    std::unique_ptr<client::EventSource> m_metrics;
};

} // namespace godwit::net
