// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/client/backoff.h"
#include "shared/core/clock.h"

#include <QNetworkRequest>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QTimer>

namespace godwit::client {

class Credentials;

/// Where a connection stands; what a user is shown, without embellishment.
struct ConnectionState
{
    enum class Phase {
        Offline, ///< not started, or stopped by us
        Connecting,
        Online,
        Waiting, ///< lost or refused; the next attempt starts at `until`
        Ended, ///< the server said that there is no more; no further attempt
        Unauthenticated, ///< the server asks for a login; the next attempt starts with it
    };

    Phase phase = Phase::Offline;
    TimePoint until{}; ///< Waiting only
    QString reason{}; ///< Waiting, Ended and Unauthenticated: why, for people
    int failures = 0; ///< attempts that failed in a row

    bool isOnline() const { return phase == Phase::Online; }
};

struct ConnectionOptions
{
    Backoff::Options backoff;
    std::chrono::milliseconds connectTimeout{ 10'000 };
    /// A connection without a single byte for so long is taken for dead. The server's heartbeat comes every 15 s (event
    /// streams) and 20 s (WebSockets).
    std::chrono::milliseconds silence{ 45'000 };
    /// A connection that held for less does not reset the backoff: a server that accepts and drops is no busy loop.
    std::chrono::milliseconds stableAfter{ 5'000 };
    Credentials *credentials = nullptr; ///< what is sent at each connect; must outlive the connection
    const Clock *clock = &Clock::system();
};

/// What EventSource and Socket have in common: state, retries with backoff, the watchdog, and the token of each
/// attempt. Starts over when the credentials are another's. One thread.
class Connection : public QObject
{
    Q_OBJECT

public:
    ~Connection() override;

    const ConnectionState &state() const { return m_state; }
    bool isOnline() const { return m_state.isOnline(); }

    /// Connects, unless it is under way already.
    void start();
    /// Drops the connection; Offline until the next start().
    void stop();
    /// Ends a wait, also that for a login, now (the user's "retry").
    void retryNow();

Q_SIGNALS:
    void stateChanged(const godwit::client::ConnectionState &state);

protected:
    Connection(ConnectionOptions options, QObject *parent);

    /// Begins an attempt. Never reports from inside this call.
    virtual void open() = 0;
    /// Drops the attempt or the connection; nothing of it is reported afterwards.
    virtual void abandon() = 0;

    /// The attempt has succeeded.
    void connected();
    /// The attempt has failed, or the connection is gone. Waits at least @p atLeast before the next attempt.
    void lost(const QString &reason, std::chrono::milliseconds atLeast = {});
    /// The server has said that there is no more: gone for good.
    void ended(const QString &reason);
    /// The server has answered 401: tries once more with another token, if there is one.
    void unauthenticated(const QString &reason);
    /// Puts the token of now into @p request.
    void authorize(QNetworkRequest &request);
    /// A byte came: rewinds the watchdog.
    void heard();

    Backoff &backoff() { return m_backoff; }
    const ConnectionOptions &options() const { return m_options; }

private:
    void attempt();
    void begin();
    void startOver();
    void renew(const QByteArray &refused, const QString &reason);
    void drop();
    void setState(ConnectionState state);

    ConnectionOptions m_options;
    Backoff m_backoff;
    QPointer<Credentials> m_credentials;
    QByteArray m_sentToken;
    bool m_hasRenewed = false; // since the last success: a new token that is refused, too, is not renewed again
    ConnectionState m_state;
    TimePoint m_onlineSince{};
    QTimer m_retry;
    QTimer m_watchdog;
};

} // namespace godwit::client
