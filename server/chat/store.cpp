// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/store.h"

#include "server/chat/mentions.h"
#include "server/search/querysyntax.h"
#include "shared/core/name.h"

#include <algorithm>
#include <limits>

namespace godwit::chat::store {

using namespace Qt::StringLiterals;
using protocol::ChatMessage;

namespace {

Timestamp toTimestamp(const QVariant &milliseconds)
{
    return Timestamp(std::chrono::milliseconds(milliseconds.toLongLong()));
}

qint64 toNumber(Timestamp time)
{
    return time.time_since_epoch().count();
}

constexpr auto columns = "m.id, m.room_offset, m.user_name, m.message, m.created_at, m.mentions, m.file, m.edited_at, "
                         "m.deleted_at "_L1;

ChatMessage messageOf(const QSqlQuery &query, const QString &room)
{
    ChatMessage message{ .id = query.value(0).toLongLong(),
                         .room = room,
                         .offset = query.value(1).toLongLong(),
                         .user = query.value(2).toString(),
                         .message = query.value(3).toString(),
                         .timestamp = toTimestamp(query.value(4)),
                         .mentions = query.value(5).toString().split(u' ', Qt::SkipEmptyParts),
                         .file = query.value(6).toString(),
                         .isDeleted = !query.value(8).isNull() };
    if (!query.value(7).isNull())
        message.editedAt = toTimestamp(query.value(7));
    return message;
}

qint64 roomIdOf(db::Connection &connection, const QString &room)
{
    QSqlQuery &query = connection.execute(u"SELECT id FROM chat_rooms WHERE name = ?", { room });
    const qint64 id = query.next() ? query.value(0).toLongLong() : 0;
    query.finish();
    return id;
}

void addMentions(db::Connection &connection, qint64 room, const ChatMessage &message)
{
    for (const QString &name : message.mentions)
        connection.execute(u"INSERT INTO chat_mentions (user_key, room_id, room_offset) VALUES (?, ?, ?) "
                           "ON CONFLICT DO NOTHING",
                           { nameKey(name), room, message.offset });
}

void forgetMentions(db::Connection &connection, qint64 room, const ChatMessage &message)
{
    for (const QString &name : message.mentions)
        connection.execute(u"DELETE FROM chat_mentions WHERE user_key = ? AND room_id = ? AND room_offset = ?",
                           { nameKey(name), room, message.offset });
}

void checkFile(db::Connection &connection, const QString &name)
{
    if (name.isEmpty())
        return;
    QSqlQuery &query = connection.execute(u"SELECT 1 FROM files WHERE name = ?", { name });
    const bool isThere = query.next();
    query.finish();
    if (!isThere)
        throw Error(Error::Code::FailedValidation, u"\"file\": there is no file \"%1\""_s.arg(name));
}

} // namespace

ChatMessage add(db::Connection &connection, const NewMessage &message, qint64 offset, Timestamp now)
{
    checkFile(connection, message.file);
    ChatMessage added{ .room = message.room,
                       .offset = offset,
                       .user = message.user,
                       .message = message.text,
                       .timestamp = now,
                       .mentions = mentionsIn(message.text),
                       .file = message.file };
    // RETURNING statements are finished at once: one that is still open stops the COMMIT.
    QSqlQuery &room
        = connection.execute(u"INSERT INTO chat_rooms (name, last_offset, last_message_at) VALUES (?, ?, ?) "
                             "ON CONFLICT (name) DO UPDATE SET last_offset = excluded.last_offset, "
                             "last_message_at = excluded.last_message_at RETURNING id",
                             { message.room, offset, toNumber(now) });
    room.next();
    const qint64 roomId = room.value(0).toLongLong();
    room.finish();

    QSqlQuery &stored = connection.execute(
        u"INSERT INTO chat_messages (room_id, room_offset, user_name, message, created_at, mentions, file, user_id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        { roomId, offset, message.user, message.text.isNull() ? u""_s : message.text, toNumber(now),
          added.mentions.isEmpty() ? u""_s : added.mentions.join(u' '), message.file.isNull() ? u""_s : message.file,
          message.userId });
    stored.next();
    added.id = stored.value(0).toLongLong();
    stored.finish();
    addMentions(connection, roomId, added);
    return added;
}

std::optional<ChatMessage> message(db::Connection &connection, const QString &room, qint64 offset)
{
    QSqlQuery &query = connection.execute(QString("SELECT "_L1 + columns
                                                  + "FROM chat_messages m JOIN chat_rooms r ON r.id = m.room_id "
                                                    "WHERE r.name = ? AND m.room_offset = ?"_L1),
                                          { room, offset });
    std::optional<ChatMessage> found;
    if (query.next())
        found = messageOf(query, room);
    query.finish();
    return found;
}

bool isBy(db::Connection &connection, const ChatMessage &message, const protocol::Principal &user)
{
    QSqlQuery &query = connection.execute(u"SELECT user_id FROM chat_messages WHERE id = ?", { message.id });
    const qint64 author = query.next() ? query.value(0).toLongLong() : 0;
    query.finish();
    return author != 0 ? author == user.userId : message.user == user.name;
}

Messages messages(db::Connection &connection, const QString &room, const Page &page)
{
    const bool goesForward = page.after > 0;
    QString sql = "SELECT "_L1 + columns + "FROM chat_messages m JOIN chat_rooms r ON r.id = m.room_id "_L1;
    QVariantList values;
    if (!page.words.isEmpty()) {
        const search::ParsedQuery query = search::parseQuery(page.words);
        if (query.expression.isEmpty())
            return {};
        sql += "JOIN messages_fts f ON f.rowid = m.id WHERE messages_fts MATCH ? AND "_L1;
        values.append(query.expression);
    } else {
        sql += "WHERE "_L1;
    }
    sql += "r.name = ? AND m.room_offset > ? AND m.room_offset < ? ORDER BY m.room_offset "_L1;
    sql += goesForward ? "LIMIT ?"_L1 : "DESC LIMIT ?"_L1;
    values << room << page.after << (page.before > 0 ? page.before : std::numeric_limits<qint64>::max()) << page.limit;
    QSqlQuery &query = connection.execute(sql, values);
    Messages messages;
    qsizetype bytes = 0;
    while (!messages.isCut && query.next()) {
        messages.list.append(messageOf(query, room));
        bytes += messages.list.constLast().message.toUtf8().size();
        messages.isCut = bytes > pageBytes;
    }
    query.finish();
    if (!goesForward)
        std::reverse(messages.list.begin(), messages.list.end());
    return messages;
}

static void touchRoom(db::Connection &connection, qint64 room, qint64 offset)
{
    connection.execute(u"UPDATE chat_rooms SET last_offset = ? WHERE id = ?", { offset, room });
}

ChatMessage edit(db::Connection &connection, ChatMessage message, const QString &text, qint64 offset, Timestamp now)
{
    const qint64 room = roomIdOf(connection, message.room);
    forgetMentions(connection, room, message);
    message.message = text;
    message.mentions = mentionsIn(text);
    message.editedAt = now;
    connection.execute(
        u"UPDATE chat_messages SET message = ?, mentions = ?, edited_at = ? WHERE id = ?",
        { text, message.mentions.isEmpty() ? u""_s : message.mentions.join(u' '), toNumber(now), message.id });
    addMentions(connection, room, message);
    touchRoom(connection, room, offset);
    return message;
}

ChatMessage remove(db::Connection &connection, ChatMessage message, qint64 offset, Timestamp now)
{
    const qint64 room = roomIdOf(connection, message.room);
    forgetMentions(connection, room, message);
    message.message.clear();
    message.mentions.clear();
    message.file.clear();
    message.editedAt.reset();
    message.isDeleted = true;
    connection.execute(u"UPDATE chat_messages SET message = '', mentions = '', file = '', edited_at = NULL, "
                       "deleted_at = ? WHERE id = ?",
                       { toNumber(now), message.id });
    touchRoom(connection, room, offset);
    return message;
}

} // namespace godwit::chat::store
