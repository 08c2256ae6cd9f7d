// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/users/profilestore.h"

#include "server/users/store.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace godwit::users {

QJsonObject Activity::toJson() const
{
    return { { u"id"_s, id }, { u"kind"_s, kind }, { u"detail"_s, detail }, { u"created_at"_s, toRfc3339(at) } };
}

QJsonObject Friend::toJson() const
{
    return { { u"id"_s, id }, { u"name"_s, name }, { u"created_at"_s, toRfc3339(since) } };
}

namespace store {

namespace {

constexpr qsizetype longestCreated = 200; // characters of a title

qint64 toMs(Timestamp time)
{
    return time.time_since_epoch().count();
}

Friend readFriend(const QSqlQuery &row)
{
    return { .id = row.value(0).toLongLong(), .name = row.value(1).toString(), .since = toTime(row.value(2)) };
}

std::optional<Friend> findConnection(db::Connection &connection, qint64 userId, qint64 friendId)
{
    QSqlQuery &row = connection.execute(u"SELECT u.id, u.name, c.created_at FROM user_connections c "
                                        "JOIN users u ON u.id = c.friend_id WHERE c.user_id = ? AND c.friend_id = ?",
                                        { userId, friendId });
    if (!row.next())
        return {};
    Friend found = readFriend(row);
    row.finish();
    return found;
}

QString toDetail(const Friend &other)
{
    return u"%1 (%2)"_s.arg(other.name).arg(other.id);
}

} // namespace

QJsonObject preferences(db::Connection &connection, qint64 userId)
{
    QSqlQuery &row = connection.execute(
        u"SELECT p.body FROM users u LEFT JOIN user_preferences p ON p.user_id = u.id WHERE u.id = ?", { userId });
    if (!row.next())
        get(connection, userId); // throws
    return QJsonDocument::fromJson(row.value(0).toString().toUtf8()).object();
}

void setPreferences(db::Connection &connection, qint64 userId, const QJsonObject &preferences, Timestamp now)
{
    get(connection, userId);
    connection.execute(
        u"INSERT INTO user_preferences (user_id, body, updated_at) VALUES (?, ?, ?) "
        "ON CONFLICT (user_id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at",
        { userId, QString::fromUtf8(QJsonDocument(preferences).toJson(QJsonDocument::Compact)), toMs(now) });
    addActivity(connection, userId, activity::preferencesChanged, {}, now);
}

void addActivity(db::Connection &connection, qint64 userId, QStringView kind, const QString &detail, Timestamp now)
{
    connection.execute(u"INSERT INTO user_activity (user_id, kind, detail, created_at) VALUES (?, ?, ?, ?)",
                       { userId, kind.toString(), detail.isNull() ? u""_s : detail, toMs(now) });
    connection.execute(u"DELETE FROM user_activity WHERE user_id = ? AND id <= "
                       "(SELECT id FROM user_activity WHERE user_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                       { userId, userId, keptActivity });
}

void addCreation(db::Connection &connection, qint64 userId, QStringView kind, const QString &what, qint64 id,
                 Timestamp now)
{
    QSqlQuery &known = connection.execute(u"SELECT 1 FROM users WHERE id = ?", { userId });
    const bool isThere = known.next();
    known.finish();
    if (isThere)
        addActivity(connection, userId, kind, u"%1 (%2)"_s.arg(what.left(longestCreated)).arg(id), now);
}

QList<Activity> activity(db::Connection &connection, qint64 userId, qint64 before, int limit)
{
    get(connection, userId);
    const qint64 end = before > 0 ? before : std::numeric_limits<qint64>::max();
    QSqlQuery &rows = connection.execute(u"SELECT id, kind, detail, created_at FROM user_activity "
                                         "WHERE user_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
                                         { userId, end, limit });
    QList<Activity> list;
    while (rows.next())
        list.append({ .id = rows.value(0).toLongLong(),
                      .kind = rows.value(1).toString(),
                      .detail = rows.value(2).toString(),
                      .at = toTime(rows.value(3)) });
    return list;
}

QList<Friend> connections(db::Connection &connection, qint64 userId, qint64 after, int limit)
{
    get(connection, userId);
    QSqlQuery &rows = connection.execute(u"SELECT u.id, u.name, c.created_at FROM user_connections c "
                                         "JOIN users u ON u.id = c.friend_id "
                                         "WHERE c.user_id = ? AND c.friend_id > ? ORDER BY c.friend_id LIMIT ?",
                                         { userId, after, limit });
    QList<Friend> list;
    while (rows.next())
        list.append(readFriend(rows));
    return list;
}

Friend connectionTo(db::Connection &connection, qint64 userId, qint64 friendId)
{
    get(connection, userId);
    if (auto found = findConnection(connection, userId, friendId))
        return *std::move(found);
    throw Error(Error::Code::NotFound, u"user %1 has no connection to %2"_s.arg(userId).arg(friendId));
}

Friend connectTo(db::Connection &connection, qint64 userId, qint64 friendId, Timestamp now)
{
    get(connection, userId);
    const Account other = get(connection, friendId);
    if (auto found = findConnection(connection, userId, friendId))
        return *std::move(found);
    QSqlQuery &count = connection.execute(u"SELECT count(*) FROM user_connections WHERE user_id = ?", { userId });
    const bool isFull = count.next() && count.value(0).toInt() >= mostConnections;
    count.finish();
    if (isFull)
        throw Error(Error::Code::Conflict, u"a user has at most %1 connections"_s.arg(mostConnections));
    connection.execute(u"INSERT INTO user_connections (user_id, friend_id, created_at) VALUES (?, ?, ?)",
                       { userId, friendId, toMs(now) });
    Friend made{ .id = friendId, .name = other.name, .since = now };
    addActivity(connection, userId, activity::connectionAdded, toDetail(made), now);
    return made;
}

void disconnectFrom(db::Connection &connection, qint64 userId, qint64 friendId, Timestamp now)
{
    const Friend former = connectionTo(connection, userId, friendId);
    connection.execute(u"DELETE FROM user_connections WHERE user_id = ? AND friend_id = ?", { userId, friendId });
    addActivity(connection, userId, activity::connectionRemoved, toDetail(former), now);
}

} // namespace store
} // namespace godwit::users
