// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/chatcommand.h"
#include "tests/support/fakegodwit.h"

#include <QJsonArray>
#include <QJsonObject>

/// FakeGodwit's chat: godwit.chat.v1, and the pages of history.
namespace godwit::test {

using namespace Qt::StringLiterals;
using protocol::ChatMessage;

static constexpr char userProperty[] = "user"; // of a socket

static void send(QWebSocket &socket, const QJsonObject &event)
{
    socket.sendTextMessage(QString::fromUtf8(QJsonDocument(event).toJson(QJsonDocument::Compact)));
}

/// @p answer as what answers @p command.
static QJsonObject answerTo(const QJsonObject &command, const QString &type, QJsonObject answer)
{
    answer.insert("type"_L1, type);
    answer.insert("room"_L1, command.value("room"_L1));
    for (const auto name : { "ref"_L1, "client_id"_L1 }) {
        if (command.contains(name))
            answer.insert(name, command.value(name));
    }
    return answer;
}

static QJsonObject refusal(const QString &code, const QString &detail)
{
    return { { u"code"_s, code }, { u"detail"_s, detail } };
}

void FakeGodwit::serveChat()
{
    setSubprotocols({ QString::fromLatin1(protocol::chatSubprotocol) });
    onSocket(u"/ws/chat"_s, [this](QWebSocket &socket) { openChat(socket); });
}

void FakeGodwit::openChat(QWebSocket &socket)
{
    const QUrlQuery query(socket.requestUrl());
    const QString user = query.queryItemValue(u"user"_s, QUrl::FullyDecoded);
    socket.setProperty(userProperty, user);
    connect(&socket, &QWebSocket::textMessageReceived, this, [this, &socket, user](const QString &text) {
        const QJsonObject command = QJsonDocument::fromJson(text.toUtf8()).object();
        m_commands.append(command);
        obey(socket, user, command);
    });
}

void FakeGodwit::obey(QWebSocket &socket, const QString &user, const QJsonObject &command)
{
    const QString type = command.value("type"_L1).toString(), room = command.value("room"_L1).toString();
    if (type == "join"_L1 || type == "recover"_L1)
        return enter(socket, user, command);
    if (!m_isAnswering)
        return;
    if (type == "leave"_L1) {
        m_rooms.remove(room, &socket);
        send(socket, answerTo(command, u"left"_s, {}));
    } else if (type == "typing"_L1) {
        tell(room, type, { { u"user"_s, user } });
    } else if (type == "read"_L1) {
        qint64 &read = m_read[room + u'/' + user];
        read = std::max(read, command.value("offset"_L1).toInteger());
        send(socket, answerTo(command, u"unread"_s, standing(room, user)));
        tell(room, type, { { u"user"_s, user }, { u"offset"_s, read } });
    } else if (type == "post"_L1) {
        take(socket, user, command);
    } else {
        change(socket, user, command);
    }
}

void FakeGodwit::enter(QWebSocket &socket, const QString &user, const QJsonObject &command)
{
    const QString room = command.value("room"_L1).toString();
    const QList<QJsonObject> &events = m_events[room];
    const bool isRecovery = command.value("type"_L1).toString() == "recover"_L1;
    const QString epoch = QString::number(m_epoch);
    qint64 from = events.size();
    bool isRecovered = true;
    if (isRecovery) {
        from = command.value("offset"_L1).toInteger();
        isRecovered = command.value("epoch"_L1).toString() == epoch && from >= m_forgotten.value(room);
        if (!isRecovered) {
            from = m_forgotten.value(room);
            send(socket,
                 answerTo(command, u"gap"_s,
                          { { u"epoch"_s, epoch }, { u"oldest"_s, from + 1 }, { u"recovered"_s, false } }));
        }
    }
    m_rooms.insert(room, &socket);
    QJsonObject joined = standing(room, user);
    joined.insert("epoch"_L1, epoch);
    joined.insert("offset"_L1, from);
    joined.insert("last"_L1, events.size());
    joined.insert("users"_L1, QJsonArray::fromStringList(usersIn(room)));
    joined.insert("online"_L1, usersIn(room).size());
    joined.insert("may_post"_L1, true);
    joined.insert("may_moderate"_L1, m_isModerating);
    if (isRecovery)
        joined.insert("recovered"_L1, isRecovered);
    send(socket, answerTo(command, u"joined"_s, joined));
    for (const QJsonObject &event : events.sliced(from))
        send(socket, event);
}

void FakeGodwit::take(QWebSocket &socket, const QString &user, const QJsonObject &command)
{
    if (!m_refusal.isEmpty()) {
        QJsonObject refused = answerTo(command, u"refused"_s, m_refusal);
        refused.insert("command"_L1, u"post"_s);
        return send(socket, refused);
    }
    const QString room = command.value("room"_L1).toString();
    const QString key = user + u'/' + command.value("client_id"_L1).toString();
    const bool isRepeated = m_posted.contains(key);
    if (!isRepeated && !m_isAcking) {
        const auto silenced = std::exchange(m_rooms, {});
        m_posted.insert(key, post(room, user, command.value("message"_L1).toString()));
        m_rooms = silenced;
        return;
    }
    if (!isRepeated)
        m_posted.insert(key, post(room, user, command.value("message"_L1).toString()));
    const ChatMessage *const posted = messageAt(room, m_posted.value(key));
    send(socket,
         answerTo(command, u"acked"_s,
                  { { u"offset"_s, posted->offset },
                    { u"id"_s, posted->id },
                    { u"timestamp"_s, toRfc3339(posted->timestamp) },
                    { u"repeated"_s, isRepeated } }));
}

void FakeGodwit::change(QWebSocket &socket, const QString &user, const QJsonObject &command)
{
    const QString type = command.value("type"_L1).toString(), room = command.value("room"_L1).toString();
    const qint64 offset = command.value("offset"_L1).toInteger();
    const ChatMessage *const message = messageAt(room, offset);
    QJsonObject problem;
    if (!message)
        problem = refusal(u"not_found"_s, u"there is no such message"_s);
    else if (message->user != user && !(m_isModerating && type == "delete"_L1))
        problem = refusal(u"permission_denied"_s, u"it is another's"_s);
    if (!problem.isEmpty()) {
        QJsonObject refused = answerTo(command, u"refused"_s, problem);
        refused.insert("command"_L1, type);
        return send(socket, refused);
    }
    type == "edit"_L1 ? edit(room, offset, command.value("message"_L1).toString()) : remove(room, offset);
    send(socket, answerTo(command, u"acked"_s, { { u"message_offset"_s, offset } }));
}

qint64 FakeGodwit::post(const QString &room, const QString &user, const QString &text)
{
    return say({ .room = room, .user = user, .message = text, .timestamp = Clock::system().timestamp() });
}

qint64 FakeGodwit::say(ChatMessage message)
{
    message.id = m_messages.size() + 1;
    message.offset = m_events.value(message.room).size() + 1;
    m_messages.append(message);
    QJsonObject event = message.toJson();
    event.insert("type"_L1, u"posted"_s);
    return publish(message.room, event);
}

void FakeGodwit::edit(const QString &room, qint64 offset, const QString &text)
{
    ChatMessage *const message = messageAt(room, offset);
    message->message = text;
    message->editedAt = Clock::system().timestamp();
    publish(room,
            { { u"type"_s, u"edited"_s },
              { u"message_offset"_s, offset },
              { u"user"_s, message->user },
              { u"timestamp"_s, toRfc3339(*message->editedAt) },
              { u"message"_s, text } });
}

void FakeGodwit::remove(const QString &room, qint64 offset)
{
    ChatMessage *const message = messageAt(room, offset);
    message->message.clear();
    message->isDeleted = true;
    publish(room,
            { { u"type"_s, u"deleted"_s },
              { u"message_offset"_s, offset },
              { u"user"_s, message->user },
              { u"timestamp"_s, toRfc3339(Clock::system().timestamp()) } });
}

qint64 FakeGodwit::publish(const QString &room, QJsonObject event)
{
    QList<QJsonObject> &events = m_events[room];
    event.insert("room"_L1, room);
    event.insert("offset"_L1, events.size() + 1);
    events.append(event);
    tell(room, event.value("type"_L1).toString(), event);
    return events.size();
}

void FakeGodwit::tell(const QString &room, const QString &type, QJsonObject event)
{
    event.insert("type"_L1, type);
    event.insert("room"_L1, room);
    const auto members = m_rooms.values(room);
    for (const QPointer<QWebSocket> &member : members) {
        if (member && member->isValid())
            send(*member, event);
    }
}

void FakeGodwit::startOver()
{
    ++m_epoch;
    m_messages.clear();
    m_events.clear();
    m_forgotten.clear();
    m_read.clear();
}

void FakeGodwit::forgetEvents()
{
    for (auto room = m_events.cbegin(); room != m_events.cend(); ++room)
        m_forgotten.insert(room.key(), room->size());
}

QList<QJsonObject> FakeGodwit::commands(const QString &type) const
{
    QList<QJsonObject> result = m_commands;
    result.removeIf([&type](const QJsonObject &command) { return command.value("type"_L1).toString() != type; });
    return result;
}

ChatMessage *FakeGodwit::messageAt(const QString &room, qint64 offset)
{
    const auto found = std::find_if(m_messages.begin(), m_messages.end(),
                                    [&](const auto &one) { return one.room == room && one.offset == offset; });
    return found == m_messages.end() ? nullptr : &*found;
}

QStringList FakeGodwit::usersIn(const QString &room) const
{
    QStringList users;
    const auto members = m_rooms.values(room);
    for (const QPointer<QWebSocket> &member : members) {
        if (member && member->isValid())
            users.append(member->property(userProperty).toString());
    }
    users.removeDuplicates();
    return users;
}

/// `{read, unread, mentions}`.
QJsonObject FakeGodwit::standing(const QString &room, const QString &user) const
{
    const qint64 read = m_read.value(room + u'/' + user);
    int unread = 0, mentions = 0;
    for (const ChatMessage &message : m_messages) {
        if (message.room != room || message.offset <= read || message.user == user || message.isDeleted)
            continue;
        ++unread;
        mentions += message.mentions.contains(user) ? 1 : 0;
    }
    return { { u"read"_s, read }, { u"unread"_s, unread }, { u"mentions"_s, mentions } };
}

void FakeGodwit::serveRooms()
{
    on("GET /api/rooms"_ba, [this](const FakeRequest &request, const FakeReply &reply) {
        QMap<QString, qint64> rooms;
        for (const ChatMessage &message : std::as_const(m_messages))
            rooms[message.room] = message.offset;
        QJsonArray items;
        for (auto room = rooms.cbegin(); room != rooms.cend(); ++room) {
            QJsonObject item = standing(room.key(), request.query.queryItemValue(u"user"_s));
            item.insert("name"_L1, room.key());
            item.insert("last_offset"_L1, room.value());
            item.insert("online"_L1, static_cast<int>(m_rooms.count(room.key())));
            items.append(item);
        }
        reply.json(QJsonDocument(QJsonObject{ { u"items"_s, items }, { u"next"_s, QJsonValue::Null } }));
    });
    on("GET /api/rooms/{room}/messages"_ba, [this](const FakeRequest &request, const FakeReply &reply) {
        const QString room = QUrl::fromPercentEncoding(request.parameters.value(0));
        const qint64 before = request.query.queryItemValue(u"before"_s).toLongLong();
        const qsizetype limit = std::max(1, request.query.queryItemValue(u"limit"_s).toInt());
        QList<ChatMessage> page = m_messages;
        page.removeIf([&](const ChatMessage &message) {
            return message.room != room || (before > 0 && message.offset >= before);
        });
        QJsonArray items;
        for (const ChatMessage &message : page.last(std::min(limit, page.size())))
            items.append(message.toJson());
        const QJsonValue next
            = page.size() > limit ? items.first().toObject().value("offset"_L1) : QJsonValue(QJsonValue::Null);
        reply.json(QJsonDocument(QJsonObject{ { u"items"_s, items }, { u"next"_s, next } }));
    });
}

} // namespace godwit::test
