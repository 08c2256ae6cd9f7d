// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "shared/core/clock.h"

#include <QList>

#include <optional>

namespace godwit::auth {

/// A login with its family of refresh tokens, or the token of a program.
struct Session
{
    enum class Kind { Login, Token };

    QByteArray id{};
    qint64 userId = 0;
    QString user{}; ///< the name; only of tokens, where they are listed or made
    Kind kind = Kind::Login;
    QString label{}; ///< of a program's token
    Timestamp createdAt{}, expiresAt{};
    std::optional<Timestamp> revokedAt{};
};

/// The SQL of sessions. Each function is a job's work, on a thread of the pool.
namespace sessions {

inline constexpr int mostOfAUser = 100; ///< logins; beyond, the oldest end

/// Error::Unauthenticated if the account is not of that @p generation any more, or gone.
void create(db::Connection &connection, const Session &session, qint64 generation, const QByteArray &refreshHash);

struct Times
{
    Timestamp now{};
    Timestamp accessUntil{}; ///< when an access token of now will have expired
    Timestamp loginUntil{}; ///< when a refresh token of now will have
};

/// What a refresh token that is genuine has come to.
struct Refreshed
{
    enum class Outcome {
        Rotated,
        Reused, ///< it was rotated before: somebody else has it, and the session was ended now
        Ended, ///< there is no such session any more
    };
    Outcome outcome = Outcome::Ended;
    Session session{}; ///< unless it has ended
};
Refreshed rotate(db::Connection &connection, const QByteArray &session, const QByteArray &usedHash,
                 const QByteArray &nextHash, Times times);

/// The session as it is then; nothing if there is none. A login is kept only until its last access token has expired.
std::optional<Session> revoke(db::Connection &connection, const QByteArray &session, Times times);
std::optional<Session> get(db::Connection &connection, const QByteArray &session);
/// That were revoked and have not expired.
QList<Session> revoked(db::Connection &connection, Timestamp now);
/// The programs' tokens, newest first.
QList<Session> tokens(db::Connection &connection, int limit);
void removeExpired(db::Connection &connection, Timestamp now);

} // namespace sessions
} // namespace godwit::auth
