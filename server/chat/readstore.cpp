// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/readstore.h"

#include "shared/core/name.h"

namespace godwit::chat::store {

using namespace Qt::StringLiterals;

namespace {

qint64 firstNumber(QSqlQuery &query)
{
    const qint64 number = query.next() ? query.value(0).toLongLong() : 0;
    query.finish();
    return number;
}

Standing standingIn(db::Connection &connection, qint64 room, const QString &user)
{
    const QString key = nameKey(user);
    Standing standing;
    standing.readOffset = firstNumber(
        connection.execute(u"SELECT read_offset FROM chat_reads WHERE user_key = ? AND room_id = ?", { key, room }));
    standing.unread = int(firstNumber(
        connection.execute(u"SELECT count(*) FROM (SELECT 1 FROM chat_messages WHERE room_id = ? AND room_offset > ? "
                           "AND user_name <> ? AND deleted_at IS NULL LIMIT ?) AS unread",
                           { room, standing.readOffset, user, mostUnread })));
    standing.mentions = int(firstNumber(
        connection.execute(u"SELECT count(*) FROM (SELECT 1 FROM chat_mentions WHERE user_key = ? AND room_id = ? "
                           "AND room_offset > ? LIMIT ?) AS mentioned",
                           { key, room, standing.readOffset, mostUnread })));
    return standing;
}

} // namespace

Standing standing(db::Connection &connection, const QString &room, const QString &user)
{
    const qint64 id = firstNumber(connection.execute(u"SELECT id FROM chat_rooms WHERE name = ?", { room }));
    return id > 0 ? standingIn(connection, id, user) : Standing{};
}

Standing markRead(db::Connection &connection, const QString &room, const QString &user, qint64 offset)
{
    const qint64 id = firstNumber(connection.execute(u"SELECT id FROM chat_rooms WHERE name = ?", { room }));
    if (id == 0)
        return {};
    connection.execute(u"INSERT INTO chat_reads (user_key, room_id, read_offset) "
                       "SELECT ?, id, CASE WHEN last_offset < ? THEN last_offset ELSE ? END FROM chat_rooms "
                       "WHERE id = ? "
                       "ON CONFLICT (user_key, room_id) DO UPDATE SET read_offset = excluded.read_offset "
                       "WHERE excluded.read_offset > chat_reads.read_offset",
                       { nameKey(user), offset, offset, id });
    return standingIn(connection, id, user);
}

QList<Room> rooms(db::Connection &connection, const QString &after, int limit, const QString &user)
{
    QSqlQuery &query = connection.execute(
        u"SELECT id, name, last_offset, last_message_at FROM chat_rooms WHERE name > ? ORDER BY name LIMIT ?",
        { after.isNull() ? u""_s : after, limit }); // a null string would be SQL's NULL
    QList<Room> rooms;
    QList<qint64> ids;
    while (query.next()) {
        ids.append(query.value(0).toLongLong());
        rooms.append({ .name = query.value(1).toString(),
                       .lastOffset = query.value(2).toLongLong(),
                       .lastMessageAt = Timestamp(std::chrono::milliseconds(query.value(3).toLongLong())) });
    }
    for (qsizetype index = 0; index < rooms.size(); ++index)
        rooms[index].standing = standingIn(connection, ids[index], user);
    return rooms;
}

} // namespace godwit::chat::store
