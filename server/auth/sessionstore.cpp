// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/sessionstore.h"

#include "server/auth/secrets.h"
#include "shared/core/error.h"

using namespace Qt::StringLiterals;

namespace godwit::auth::sessions {

#define GODWIT_SESSION_COLUMNS u"id, user_id, kind, label, created_at, expires_at, revoked_at"

namespace {

qint64 ms(Timestamp time)
{
    return time.time_since_epoch().count();
}

Timestamp toTime(const QVariant &milliseconds)
{
    return Timestamp(std::chrono::milliseconds(milliseconds.toLongLong()));
}

QString kindName(Session::Kind kind)
{
    return kind == Session::Kind::Token ? u"token"_s : u"login"_s;
}

QString text(const QByteArray &bytes)
{
    return bytes.isEmpty() ? u""_s : QString::fromLatin1(bytes); // a null string would be NULL
}

Session read(const QSqlQuery &row)
{
    return { .id = row.value(0).toString().toLatin1(),
             .userId = row.value(1).toLongLong(),
             .kind = row.value(2).toString() == "token"_L1 ? Session::Kind::Token : Session::Kind::Login,
             .label = row.value(3).toString(),
             .createdAt = toTime(row.value(4)),
             .expiresAt = toTime(row.value(5)),
             .revokedAt = row.value(6).isNull() ? std::nullopt : std::optional(toTime(row.value(6))) };
}

QList<Session> readAll(QSqlQuery &rows)
{
    QList<Session> sessions;
    while (rows.next())
        sessions.append(read(rows));
    return sessions;
}

} // namespace

void create(db::Connection &connection, const Session &session, qint64 generation, const QByteArray &refreshHash)
{
    QSqlQuery &user
        = connection.execute(u"SELECT 1 FROM users WHERE id = ? AND generation = ?", { session.userId, generation });
    if (!user.next())
        throw Error(Error::Code::Unauthenticated, u"the user was changed at this moment"_s);
    user.finish();
    removeExpired(connection, session.createdAt);
    connection.execute(u"INSERT INTO auth_sessions (id, user_id, kind, label, refresh_hash, created_at, expires_at) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?)",
                       { text(session.id), session.userId, kindName(session.kind),
                         session.label.isNull() ? u""_s : session.label, text(refreshHash), ms(session.createdAt),
                         ms(session.expiresAt) });
    if (session.kind == Session::Kind::Login)
        connection.execute(
            u"DELETE FROM auth_sessions WHERE id IN (SELECT id FROM auth_sessions WHERE user_id = ? "
            "AND kind = 'login' AND revoked_at IS NULL ORDER BY created_at DESC, id LIMIT 1000 OFFSET ?)",
            { session.userId, mostOfAUser });
}

Refreshed rotate(db::Connection &connection, const QByteArray &session, const QByteArray &usedHash,
                 const QByteArray &nextHash, Times times)
{
    QSqlQuery &row = connection.execute(u"SELECT refresh_hash FROM auth_sessions WHERE id = ? AND kind = 'login' "
                                        "AND revoked_at IS NULL AND expires_at > ?",
                                        { text(session), ms(times.now) });
    if (!row.next())
        return {};
    const bool isCurrent = isSameSecret(row.value(0).toString().toLatin1(), usedHash);
    row.finish();
    if (!isCurrent)
        return { .outcome = Refreshed::Outcome::Reused, .session = *revoke(connection, session, times) };
    connection.execute(u"UPDATE auth_sessions SET refresh_hash = ?, expires_at = ? WHERE id = ?",
                       { text(nextHash), ms(times.loginUntil), text(session) });
    return { .outcome = Refreshed::Outcome::Rotated, .session = *get(connection, session) };
}

std::optional<Session> revoke(db::Connection &connection, const QByteArray &session, Times times)
{
    connection.execute(u"UPDATE auth_sessions SET revoked_at = ?, "
                       "expires_at = CASE WHEN kind = 'login' THEN ? ELSE expires_at END "
                       "WHERE id = ? AND revoked_at IS NULL",
                       { ms(times.now), ms(times.accessUntil), text(session) });
    return get(connection, session);
}

std::optional<Session> get(db::Connection &connection, const QByteArray &session)
{
    QSqlQuery &row
        = connection.execute(u"SELECT " GODWIT_SESSION_COLUMNS u" FROM auth_sessions WHERE id = ?", { text(session) });
    return row.next() ? std::optional(read(row)) : std::nullopt;
}

QList<Session> revoked(db::Connection &connection, Timestamp now)
{
    return readAll(connection.execute(
        u"SELECT " GODWIT_SESSION_COLUMNS u" FROM auth_sessions WHERE revoked_at IS NOT NULL AND expires_at > ?",
        { ms(now) }));
}

QList<Session> tokens(db::Connection &connection, int limit)
{
    QSqlQuery &rows = connection.execute(
        u"SELECT " GODWIT_SESSION_COLUMNS u", (SELECT name FROM users WHERE users.id = user_id) FROM auth_sessions "
        "WHERE kind = 'token' ORDER BY created_at DESC, id LIMIT ?",
        { limit });
    QList<Session> sessions;
    while (rows.next()) {
        sessions.append(read(rows));
        sessions.last().user = rows.value(7).toString();
    }
    return sessions;
}

void removeExpired(db::Connection &connection, Timestamp now)
{
    connection.execute(u"DELETE FROM auth_sessions WHERE expires_at <= ?", { ms(now) });
}

} // namespace godwit::auth::sessions
