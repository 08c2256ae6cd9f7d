// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/store.h"

#include <limits>

namespace godwit::chat::store {

using namespace Qt::StringLiterals;

namespace {

Timestamp toTimestamp(const QVariant &milliseconds)
{
    return Timestamp(std::chrono::milliseconds(milliseconds.toLongLong()));
}

} // namespace

protocol::ChatMessage append(db::Connection &connection, const NewMessage &message, Timestamp now)
{
    const qint64 at = now.time_since_epoch().count();
    // RETURNING statements are finished at once: one that is still open stops the COMMIT.
    QSqlQuery &room
        = connection.execute(u"INSERT INTO chat_rooms (name, last_offset, last_message_at) VALUES (?, 1, ?) "
                             "ON CONFLICT (name) DO UPDATE SET last_offset = chat_rooms.last_offset + 1, "
                             "last_message_at = excluded.last_message_at RETURNING id, last_offset",
                             { message.room, at });
    room.next();
    const qint64 roomId = room.value(0).toLongLong();
    const qint64 offset = room.value(1).toLongLong();
    room.finish();

    QSqlQuery &stored
        = connection.execute(u"INSERT INTO chat_messages (room_id, room_offset, user_name, message, created_at) "
                             "VALUES (?, ?, ?, ?, ?) RETURNING id",
                             { roomId, offset, message.user, message.text, at });
    stored.next();
    const qint64 id = stored.value(0).toLongLong();
    stored.finish();
    return { .id = id,
             .room = message.room,
             .offset = offset,
             .user = message.user,
             .message = message.text,
             .timestamp = now };
}

QList<protocol::ChatMessage> messages(db::Connection &connection, const QString &room, Page page)
{
    const qint64 before = page.before > 0 ? page.before : std::numeric_limits<qint64>::max();
    QSqlQuery &query = connection.execute(u"SELECT m.id, m.room_offset, m.user_name, m.message, m.created_at "
                                          "FROM chat_messages m JOIN chat_rooms r ON r.id = m.room_id "
                                          "WHERE r.name = ? AND m.room_offset < ? "
                                          "ORDER BY m.room_offset DESC LIMIT ?",
                                          { room, before, page.limit });
    QList<protocol::ChatMessage> messages;
    while (query.next())
        messages.prepend({ .id = query.value(0).toLongLong(),
                           .room = room,
                           .offset = query.value(1).toLongLong(),
                           .user = query.value(2).toString(),
                           .message = query.value(3).toString(),
                           .timestamp = toTimestamp(query.value(4)) });
    return messages;
}

QList<Room> rooms(db::Connection &connection, const QString &after, int limit)
{
    QSqlQuery &query = connection.execute(
        u"SELECT name, last_offset, last_message_at FROM chat_rooms WHERE name > ? ORDER BY name LIMIT ?",
        { after.isNull() ? u""_s : after, limit }); // a null string would be SQL's NULL
    QList<Room> rooms;
    while (query.next())
        rooms.append({ .name = query.value(0).toString(),
                       .lastOffset = query.value(1).toLongLong(),
                       .lastMessageAt = toTimestamp(query.value(2)) });
    return rooms;
}

} // namespace godwit::chat::store
