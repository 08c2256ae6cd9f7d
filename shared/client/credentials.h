// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/client/apiclient.h"
#include "shared/client/localtoken.h"
#include "shared/core/clock.h"
#include "shared/protocol/principal.h"

#include <QList>
#include <QObject>

#include <functional>
#include <optional>

namespace godwit::client {

/// As whom a program asks one server, which is what ApiClient, EventSource and Socket send as `Authorization`: by a
/// login, else by the token in a file, else by the local token of a daemon on this machine, else as nobody.
///
/// A login is a pair of tokens. The access token is renewed before it expires, by our own steady clock, and once after
/// a 401 (a server whose clock goes ahead; a machine that slept); however many requests wait for it, one refresh is
/// sent. The refresh token changes with each use; what the server refuses to refresh is a login that has ended.
/// One thread.
class Credentials : public QObject
{
    Q_OBJECT

public:
    enum class Kind { Nobody, File, Local, Login };

    struct Options
    {
        QUrl server;
        QString tokenFile{}; ///< read at each connection; empty: none
        QString dataFolder{}; ///< of the daemon whose local token may be used; empty: no local token
        const Clock *clock = &Clock::system();
    };

    explicit Credentials(Options options, QObject *parent = nullptr);
    ~Credentials() override;

    Kind kind() const { return m_kind; }
    /// What to send; empty: nothing. Ask isFresh() first.
    const QByteArray &token() const { return m_token; }
    /// False if an access token has expired, or is about to: renew() it first.
    bool isFresh() const;
    /// Reads a token from its file again: for each new connection, as a daemon that was restarted has written another.
    void reload();

    /// Gets another token than @p refused, which the server did not take or which is not fresh any more. Calls @p done
    /// once, perhaps from inside this call; from inside the destructor with Cancelled. Unauthenticated: there is none,
    /// a login is needed. Other errors pass: try again later.
    using Done = std::function<void(const Result<void> &)>;
    void renew(const QByteArray &refused, const void *owner, Done done);
    /// Calls what waits for @p owner with Cancelled.
    void cancel(const void *owner);

    /// Replaces whatever was there. Failure: the server's own words; with a decider that says when to try again if it
    /// throttles. @p stop gives it up, and nothing changes.
    QCoro::Task<Result<void>> logIn(QString user, QString password, std::stop_token stop = {});
    /// A login of an earlier run is being looked for: until resume() tells what was found, renew() waits, and so do all
    /// that would send a token.
    void expectLogin() { m_isExpecting = true; }
    /// Takes up a login of an earlier run, which is tried when it is needed first; empty: there is none.
    void resume(QByteArray refreshToken);
    /// Tells the server to forget the login, and forgets it, whatever the server says. Back to a file's token, if any.
    QCoro::Task<> logOut();

    /// Why there is nothing left to try; empty while there is.
    const QString &loginNeededFor() const { return m_loginNeededFor; }
    /// What that says where nobody was logged in before, and no token was refused.
    static QString plainReason() { return tr("The server asks for a login"); }

    /// As whom the server knows us, as far as it was asked.
    const std::optional<protocol::Principal> &principal() const { return m_principal; }
    void setPrincipal(std::optional<protocol::Principal> principal);

Q_SIGNALS:
    /// Logged in, out, or in as another: what stands under the old name is to be built up anew. Comes after
    /// principalChanged().
    void changed();
    void principalChanged();
    /// The server asks for a login; once until something changes.
    void loginNeeded(const QString &reason);
    /// To be kept for the next run; empty: to be forgotten.
    void refreshTokenChanged(const QByteArray &token);

private:
    struct Login
    {
        QByteArray refreshToken;
        TimePoint freshUntil{}; ///< of the access token; in the past if there is none
    };
    struct Waiter
    {
        const void *owner;
        Done done;
    };

    static Result<std::pair<Login, QByteArray>> parse(const QJsonObject &json, TimePoint now);
    Result<void> readFile(const QByteArray &refused);
    QCoro::Task<> refresh();
    void endLogin(const QString &reason);
    void needLogin(const QString &reason);
    void settle(const Result<void> &outcome);

    Options m_options;
    Kind m_kind = Kind::Nobody;
    QByteArray m_token;
    std::optional<Login> m_login;
    std::optional<protocol::Principal> m_principal;
    QString m_loginNeededFor;
    std::optional<TimePoint> m_startingSince; // a daemon of this machine that has not announced itself
    bool m_isExpecting = false, m_isRefreshing = false;
    QList<Waiter> m_waiters;
    ApiClient m_api; // sends no token
    ApiClient m_newcomer; // sends that of a login which does not count yet
};

} // namespace godwit::client
