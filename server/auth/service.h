// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/audit.h"
#include "server/auth/authenticator.h"
#include "server/auth/sessionstore.h"
#include "shared/async/ratelimiter.h"

#include <QJsonObject>

namespace godwit::auth {

/// What a login and a refresh give.
struct Tokens
{
    QByteArray accessToken, refreshToken;
    std::chrono::seconds expiresIn{ 0 }; ///< of the access token

    QJsonObject toJson() const; ///< RFC 6749, 5.1
};

/// A token for a program, to be made.
struct NewToken
{
    QString user; ///< whose it is
    QString label{};
    std::optional<protocol::Role> role{}; ///< not more than the user's; none: theirs
    std::chrono::seconds lifetime{ std::chrono::hours(365 * 24) };

    static Result<NewToken> fromJson(const QJsonObject &json);
};
/// One that was made; the token itself is never shown again.
struct CreatedToken
{
    Session session;
    QByteArray token;
};

QJsonObject toJson(const Session &session);

/// What the audit log is told of a change of an account.
AuditEvent auditEventOf(const users::Accounts::Event &event);

/// Logins and what becomes of them. A front: all functions from any thread with an event loop.
///
/// An access token is a JWT, good for minutes and checked without the database (Authenticator). A refresh token is
/// `gwr_` and, in base64url, the session, 32 random bytes and a proof that it was made here; it is good once. Of it the
/// database has a hash. One that comes a second time is in two hands: then the session ends, and with it all that came
/// from it (RFC 9700, 4.14.2).
class Service
{
    Q_DISABLE_COPY_MOVE(Service)

public:
    /// All must outlive this.
    struct Parts
    {
        db::Pool &pool;
        users::Accounts &accounts;
        Keyring &keyring;
        LiveAccounts &live;
        AuditLog &audit;
        const Clock &clock = Clock::system();
    };

    Service(Parts parts, Options options);

    /// Fills LiveAccounts. Blocks; at the start, before anybody is served.
    void load();
    /// Keys and lists that have had their time. Now and then.
    void keepHouse();

    /// @throws Error: Unauthenticated for an unknown user as for a wrong password, after the same time;
    /// ResourceExhausted beyond Options::loginsPerName.
    QCoro::Task<Tokens> logIn(async::Context context, QString user, QString password, QString address);
    /// Error::Unauthenticated for one that is not good (any more).
    QCoro::Task<Tokens> refresh(async::Context context, QByteArray refreshToken, QString address);
    /// Ends a session; one that has ended already is none. @param actor who says so.
    async::OneShot<bool> logOut(async::Context context, QByteArray session, QString actor);
    /// The session of a refresh token that was made here; empty for any other.
    QByteArray sessionOf(QByteArrayView refreshToken) const;

    /// Error::NotFound: no such user; Error::FailedValidation: the role is more than theirs.
    QCoro::Task<CreatedToken> createToken(async::Context context, NewToken token, QString actor);
    async::OneShot<QList<Session>> tokens(async::Context context);
    /// Error::NotFound.
    async::OneShot<Session> revokeToken(async::Context context, QByteArray session, QString actor);

    AuditLog &audit() { return m_parts.audit; }
    const async::RateLimiter &loginsByName() const { return m_byName; }

private:
    void throttle(const QString &user, const QString &address, const QByteArray &requestId);
    QByteArray makeRefreshToken(const QByteArray &session) const;
    QByteArray issue(const Session &session, const users::Account &account, protocol::Role role);
    Tokens tokensFor(const Session &session, const users::Account &account, QByteArray refreshToken);
    sessions::Times times() const;

    const Parts m_parts;
    const Options m_options;
    async::RateLimiter m_byName, m_throttleAudits;
};

} // namespace godwit::auth
