// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/chat/readstore.h"
#include "server/chat/store.h"
#include "server/log/eventlog.h"
#include "shared/protocol/principal.h"

namespace godwit::chat {

/// Rooms, their messages and what was read of them. What happens in a room is in the topic of its name, by the same
/// transaction. A front: all functions from any thread; they fail as Pool::write() and Pool::readRetrying() do.
class Service
{
public:
    /// Both must outlive this.
    Service(db::Pool &pool, log::EventLog &events);

    struct Posted
    {
        protocol::ChatMessage message{};
        bool isRepeated = false; ///< it was posted before, under the same user and client id
    };
    /// Stores @p message; the result arrives when it is on disk, and its event has been published by then. Messages of
    /// one thread are stored in its order. Error::FailedValidation if it names a file that there is not.
    async::OneShot<Posted> post(async::Context context, NewMessage message);

    /// Of which message, and who asks: what others wrote is not theirs to change (Error::PermissionDenied), but an
    /// operator may delete it. Error::NotFound; Error::Conflict for one that was deleted.
    struct Change
    {
        QString room;
        qint64 offset = 0;
        protocol::Principal by{};
    };
    async::OneShot<protocol::ChatMessage> edit(async::Context context, Change change, QString text);
    async::OneShot<protocol::ChatMessage> remove(async::Context context, Change change);

    struct History
    {
        QList<protocol::ChatMessage> messages{}; ///< oldest first; none for a room that has none
        std::optional<qint64> next{}; ///< the page's `before`, or `after`, that goes on; nothing at the end
        QJsonObject toJson() const; ///< `{items, next}`
    };
    async::OneShot<History> history(async::Context context, QString room, Page page);
    /// In order of their names, behind @p after.
    async::OneShot<QList<Room>> rooms(async::Context context, QString after, int limit, QString user);
    async::OneShot<Standing> standing(async::Context context, QString room, QString user);
    async::OneShot<Standing> markRead(async::Context context, QString room, QString user, qint64 offset);

    log::EventLog &events() { return m_events; }

private:
    db::Pool &m_pool;
    log::EventLog &m_events;
};

} // namespace godwit::chat
