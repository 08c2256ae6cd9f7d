// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/service.h"

#include "server/chat/events.h"
#include "shared/protocol/topics.h"

#include <QJsonArray>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using log::Appender;
using protocol::ChatMessage;

Service::Service(db::Pool &pool, log::EventLog &events) : m_pool(pool), m_events(events) { }

/// Under whose name its client id is remembered. Names have no line ends.
static QString clientOf(const NewMessage &message)
{
    return message.userId != 0 ? QString::number(message.userId) + u'\n' : message.user;
}

async::OneShot<Service::Posted> Service::post(async::Context context, NewMessage message)
{
    return m_events.write(
        std::move(context), [message = std::move(message)](db::Connection &connection, Appender &appender) {
            Posted posted;
            const auto appended
                = appender.append({ .topic = protocol::topics::ofRoom(message.room),
                                    .client = clientOf(message),
                                    .clientId = message.clientId },
                                  [&](const log::NewEvent &, const log::Position &position, Timestamp at) {
                                      posted.message = store::add(connection, message, position.offset, at);
                                      return events::posted(posted.message);
                                  });
            posted.isRepeated = appended.isRepeated;
            if (posted.isRepeated)
                posted.message = store::message(connection, message.room, appended.position.offset)
                                     .value_or(ChatMessage{ .room = message.room, .offset = appended.position.offset });
            return posted;
        });
}

/// What is to be changed, if @p mayChange it.
static ChatMessage changeable(db::Connection &connection, const Service::Change &change, bool isModerator)
{
    auto message = store::message(connection, change.room, change.offset);
    if (!message)
        throw Error(Error::Code::NotFound, u"there is no message %1 in %2"_s.arg(change.offset).arg(change.room));
    if (!isModerator && !store::isBy(connection, *message, change.by))
        throw Error(Error::Code::PermissionDenied, u"message %1 is %2's"_s.arg(change.offset).arg(message->user));
    if (message->isDeleted)
        throw Error(Error::Code::Conflict, u"message %1 has been deleted"_s.arg(change.offset));
    return *std::move(message);
}

async::OneShot<ChatMessage> Service::edit(async::Context context, Change change, QString text)
{
    return m_events.write(
        std::move(context),
        [change = std::move(change), text = std::move(text)](db::Connection &connection, Appender &appender) {
            ChatMessage message = changeable(connection, change, false);
            appender.append({ .topic = protocol::topics::ofRoom(change.room) },
                            [&](const log::NewEvent &, const log::Position &position, Timestamp at) {
                                message = store::edit(connection, std::move(message), text, position.offset, at);
                                return events::edited(message, position.offset, change.by.name, at);
                            });
            return message;
        });
}

async::OneShot<ChatMessage> Service::remove(async::Context context, Change change)
{
    return m_events.write(
        std::move(context), [change = std::move(change)](db::Connection &connection, Appender &appender) {
            ChatMessage message = changeable(connection, change, change.by.may(protocol::Role::Operator));
            appender.append({ .topic = protocol::topics::ofRoom(change.room) },
                            [&](const log::NewEvent &, const log::Position &position, Timestamp at) {
                                message = store::remove(connection, std::move(message), position.offset, at);
                                return events::deleted(message, position.offset, change.by.name, at);
                            });
            return message;
        });
}

QJsonObject Service::History::toJson() const
{
    QJsonArray items;
    for (const ChatMessage &message : messages)
        items.append(message.toJson());
    return { { "items"_L1, items }, { "next"_L1, next ? QJsonValue(*next) : QJsonValue() } };
}

async::OneShot<Service::History> Service::history(async::Context context, QString room, Page page)
{
    return m_pool.readRetrying(std::move(context), [room = std::move(room), page](db::Connection &connection) {
        // One more than asked for tells whether there is more.
        Page asked = page;
        ++asked.limit;
        store::Messages found = store::messages(connection, room, asked);
        History history{ .messages = std::move(found.list) };
        const bool isTooMany = history.messages.size() > page.limit;
        if (!isTooMany && !found.isCut)
            return history;
        const bool goesForward = page.after > 0;
        if (isTooMany)
            history.messages.removeAt(goesForward ? history.messages.size() - 1 : 0);
        history.next = (goesForward ? history.messages.constLast() : history.messages.constFirst()).offset;
        return history;
    });
}

async::OneShot<QList<Room>> Service::rooms(async::Context context, QString after, int limit, QString user)
{
    return m_pool.readRetrying(std::move(context),
                               [after = std::move(after), limit, user = std::move(user)](db::Connection &connection) {
                                   connection.readOneMoment();
                                   return store::rooms(connection, after, limit, user);
                               });
}

async::OneShot<Standing> Service::standing(async::Context context, QString room, QString user)
{
    return m_pool.readRetrying(std::move(context),
                               [room = std::move(room), user = std::move(user)](db::Connection &connection) {
                                   return store::standing(connection, room, user);
                               });
}

async::OneShot<Standing> Service::markRead(async::Context context, QString room, QString user, qint64 offset)
{
    return m_pool.write(std::move(context),
                        [room = std::move(room), user = std::move(user), offset](db::Connection &connection) {
                            return store::markRead(connection, room, user, offset);
                        });
}

} // namespace godwit::chat
