// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/liverooms.h"

#include "server/websocket/frame.h"

#include <QJsonDocument>

#include <algorithm>

namespace godwit::chat {

LiveRooms::Entered LiveRooms::enter(const QString &name)
{
    const std::scoped_lock lock(m_mutex);
    Entry &entry = m_rooms[name];
    const bool isFirst = entry.sessions++ == 0;
    if (isFirst)
        entry.group = std::make_shared<websocket::BroadcastGroup>();
    return { .group = entry.group, .isFirst = isFirst };
}

void LiveRooms::leave(const QString &name)
{
    const std::scoped_lock lock(m_mutex);
    const auto room = m_rooms.find(name);
    if (--room->sessions == 0)
        m_rooms.erase(room);
}

void LiveRooms::publish(const protocol::ChatMessage &message)
{
    Group group;
    {
        const std::scoped_lock lock(m_mutex);
        const auto room = m_rooms.find(message.room);
        if (room == m_rooms.end())
            return;
        room->lastOffset = std::max(room->lastOffset, message.offset);
        group = room->group;
    }
    group->broadcast(websocket::textFrame(QJsonDocument(message.toJson()).toJson(QJsonDocument::Compact)));
}

int LiveRooms::sessionsIn(const QString &name) const
{
    const std::scoped_lock lock(m_mutex);
    return m_rooms.value(name).sessions;
}

void LiveRooms::learnOffset(const QString &name, qint64 offset)
{
    const std::scoped_lock lock(m_mutex);
    const auto room = m_rooms.find(name);
    if (room != m_rooms.end())
        room->lastOffset = std::max(room->lastOffset, offset);
}

std::vector<LiveRooms::Room> LiveRooms::rooms() const
{
    std::vector<Room> rooms;
    const std::scoped_lock lock(m_mutex);
    rooms.reserve(size_t(m_rooms.size()));
    for (const auto &[name, entry] : m_rooms.asKeyValueRange())
        rooms.push_back({ .name = name, .members = entry.sessions, .lastOffset = entry.lastOffset });
    return rooms;
}

QHash<QString, qint64> LiveRooms::queuedBytesHere() const
{
    std::vector<std::pair<QString, Group>> groups;
    {
        const std::scoped_lock lock(m_mutex);
        groups.reserve(size_t(m_rooms.size()));
        for (const auto &[name, entry] : m_rooms.asKeyValueRange())
            groups.emplace_back(name, entry.group);
    }
    QHash<QString, qint64> bytes;
    for (const auto &[name, group] : groups) {
        if (const qint64 queued = group->queuedBytesHere(); queued > 0)
            bytes.insert(name, queued);
    }
    return bytes;
}

} // namespace godwit::chat
