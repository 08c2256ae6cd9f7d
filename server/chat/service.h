// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/chat/store.h"
#include "server/db/pool.h"

#include <functional>
#include <memory>

namespace godwit::chat {

/// Rooms and their messages. A front: all functions from any thread.
class Service
{
public:
    using Publisher = std::function<void(const protocol::ChatMessage &)>;

    /// Both must outlive this; the clock also the pool.
    explicit Service(db::Pool &pool, const Clock &clock = Clock::system());

    /// Called with every message after its commit, in order of the offsets of each room, on the database's writer
    /// thread: short, and without exceptions. Set before the first post().
    void setPublisher(Publisher publish) { m_publisher = std::make_shared<const Publisher>(std::move(publish)); }

    /// Stores @p message; the result arrives when it is on disk, and it has been handed to the publisher by then.
    /// Messages of one thread are stored in its order. Fails as Pool::write() does.
    async::OneShot<protocol::ChatMessage> post(async::Context context, NewMessage message);

    /// Oldest first; none for a room that has none.
    async::OneShot<QList<protocol::ChatMessage>> history(async::Context context, QString room, Page page);
    /// Tells @p found of the newest message's, on a database thread; of nothing for a room that has none, or where it
    /// cannot be read.
    void findLastOffset(QString room, std::function<void(qint64)> found);
    /// In order of their names, behind @p after.
    async::OneShot<QList<Room>> rooms(async::Context context, QString after, int limit);

private:
    db::Pool &m_pool;
    const Clock &m_clock;
    // Shared with the writes under way, which may end after this.
    std::shared_ptr<const Publisher> m_publisher = std::make_shared<const Publisher>([](const auto &) { });
};

} // namespace godwit::chat
