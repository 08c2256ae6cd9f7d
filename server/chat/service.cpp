// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/service.h"

namespace godwit::chat {

Service::Service(db::Pool &pool, const Clock &clock) : m_pool(pool), m_clock(clock) { }

async::OneShot<protocol::ChatMessage> Service::post(async::Context context, NewMessage message)
{
    return m_pool.write(
        std::move(context),
        [message = std::move(message), &clock = m_clock](db::Connection &connection) {
            return store::append(connection, message, clock.timestamp());
        },
        [publisher = m_publisher](const protocol::ChatMessage &posted) { (*publisher)(posted); });
}

async::OneShot<QList<protocol::ChatMessage>> Service::history(async::Context context, QString room, Page page)
{
    return m_pool.readRetrying(std::move(context), [room = std::move(room), page](db::Connection &connection) {
        return store::messages(connection, room, page);
    });
}

void Service::findLastOffset(QString room, std::function<void(qint64)> found)
{
    m_pool.read({}, [room = std::move(room), found = std::move(found)](db::Connection &connection) {
        const auto messages = store::messages(connection, room, { .limit = 1 });
        if (!messages.isEmpty())
            found(messages.last().offset);
        return true;
    });
}

async::OneShot<QList<Room>> Service::rooms(async::Context context, QString after, int limit)
{
    return m_pool.readRetrying(std::move(context), [after = std::move(after), limit](db::Connection &connection) {
        return store::rooms(connection, after, limit);
    });
}

} // namespace godwit::chat
