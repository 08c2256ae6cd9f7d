// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/client/credentials.h"
#include "shared/client/eventsource.h"
#include "shared/client/socket.h"

#include <QUrl>

#include <memory>

namespace godwit::net {

/// What the pages share: one server, as whom we are there, the way to ask it, and the metrics stream, whose state
/// stands for the server's. Lives longer than every page; connecting to another server makes a new session and new
/// pages.
class Session : public QObject
{
    Q_OBJECT

public:
    struct Options
    {
        QUrl server;
        QString tokenFile{}; ///< `--token`; empty for none
        QString daemonFolder = client::defaultDataFolder(); ///< of the daemon whose local token may be used
        QString user{}; ///< the name in chat rooms, if the server has none for us; the system user's if empty
        client::ConnectionOptions connection{};
    };

    explicit Session(Options options, QObject *parent = nullptr);

    const QUrl &server() const { return m_api.server(); }
    client::ApiClient &api() { return m_api; }
    client::Credentials &credentials() { return m_credentials; }
    const client::Credentials &credentials() const { return m_credentials; }
    /// GET /api/metrics/stream. Started by the main window.
    client::EventSource &metrics() { return *m_metrics; }

    /// Our name in chat rooms: the server's for us, else the option's.
    QString user() const;
    /// Whether the server has a name for us, so that no other can be chosen.
    bool isNamed() const;
    /// Whether our role is at least @p role; true while the server has not said which it is.
    bool may(protocol::Role role) const;
    /// For a tool tip: "Needs the role operator; ada has the role viewer". Empty if may(role).
    QString whyNot(protocol::Role role) const;

    /// Asks the server as whom it knows us, once for each login; tells by identified().
    void identify();
    bool isIdentified() const { return m_isIdentified; }

    /// Not started yet; the caller owns it and must drop it before the session.
    std::unique_ptr<client::EventSource> eventSource(const QString &path, const QUrlQuery &query = {}) const;
    std::unique_ptr<client::Socket> socket(const QString &path, const QUrlQuery &query = {}) const;

Q_SIGNALS:
    /// identify() was answered: credentials().principal() is what it is, which may be nobody (a server without logins).
    void identified();

private:
    QCoro::Task<> askWhoWeAre();

    Options m_options;
    client::Credentials m_credentials;
    client::ApiClient m_api;
    client::ApiClient m_nobody; // sends no token, and a 401 to it calls for no login
    std::unique_ptr<client::EventSource> m_metrics;
    bool m_isIdentified = false;
    int m_asked = 0; // counts the questions, so that an answer for a former login is known
    bool m_isAsking = false;
};

} // namespace godwit::net
