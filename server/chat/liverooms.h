// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/websocket/broadcastgroup.h"
#include "shared/protocol/chat.h"

#include <QHash>

#include <memory>
#include <mutex>
#include <vector>

namespace godwit::chat {

/// The rooms that someone is in. A table behind a short lock, shared by all reactors and the database's writer.
class LiveRooms
{
public:
    using Group = std::shared_ptr<websocket::BroadcastGroup>; // shared by the room's sessions and messages on their way

    struct Entered
    {
        Group group;
        bool isFirst = false; ///< whose lastOffset nobody knows yet: see learnOffset()
    };
    Entered enter(const QString &name);
    void leave(const QString &name);

    void publish(const protocol::ChatMessage &message);
    int sessionsIn(const QString &name) const;

    /// What the database knows of a room that has been entered.
    void learnOffset(const QString &name, qint64 offset);

    struct Room
    {
        QString name;
        int members = 0;
        qint64 lastOffset = 0; ///< 0: no message, or not known yet
    };
    /// In no order.
    std::vector<Room> rooms() const;
    /// Of the members on this reactor: what has not been taken by the kernel, by room.
    QHash<QString, qint64> queuedBytesHere() const;

private:
    struct Entry
    {
        Group group;
        int sessions = 0;
        qint64 lastOffset = 0;
    };

    mutable std::mutex m_mutex;
    QHash<QString, Entry> m_rooms;
};

} // namespace godwit::chat
