// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/liverooms.h"

#include "server/chat/events.h"
#include "server/websocket/frame.h"

#include <algorithm>

namespace godwit::chat {

LiveRooms::Place::Place(std::shared_ptr<LiveRooms> rooms, QString room, QString user, Kind kind)
    : m_rooms(std::move(rooms)),
      m_room(std::move(room)),
      m_user(std::move(user)),
      m_kind(kind),
      m_groups(m_rooms->enter(m_room, m_user, m_kind))
{
}

LiveRooms::Place::~Place()
{
    m_rooms->leave(m_room, m_user, m_kind);
}

void LiveRooms::Place::join(websocket::WsConnection &connection)
{
    (m_kind == Kind::Plain ? m_groups->plain : m_groups->events).join(connection);
}

void LiveRooms::Place::leave(websocket::WsConnection &connection)
{
    (m_kind == Kind::Plain ? m_groups->plain : m_groups->events).leave(connection);
}

void LiveRooms::Place::tell(const QByteArray &event)
{
    m_groups->events.broadcast(websocket::textFrame(event));
}

static void tellPresence(websocket::BroadcastGroup &group, const QString &room, const QString &user, bool isOnline,
                         int count)
{
    group.broadcast(websocket::textFrame(events::presence(room, user, isOnline, count)));
}

std::shared_ptr<LiveRooms::Groups> LiveRooms::enter(const QString &room, const QString &user, Kind kind)
{
    const std::scoped_lock lock(m_mutex);
    Entry &entry = m_rooms[room];
    if (entry.sessions++ == 0)
        entry.groups = std::make_shared<Groups>();
    entry.plainSessions += kind == Kind::Plain ? 1 : 0;
    const bool isFirst = entry.users[user]++ == 0;
    if (isFirst && entry.users.size() <= mostTold)
        tellPresence(entry.groups->events, room, user, true, int(entry.users.size()));
    return entry.groups;
}

void LiveRooms::leave(const QString &room, const QString &user, Kind kind)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_rooms.find(room);
    Entry &entry = *found;
    entry.plainSessions -= kind == Kind::Plain ? 1 : 0;
    if (const auto here = entry.users.find(user); --here->second == 0) {
        if (entry.users.size() <= mostTold)
            tellPresence(entry.groups->events, room, user, false, int(entry.users.size()) - 1);
        entry.users.erase(here);
    }
    if (--entry.sessions == 0)
        m_rooms.erase(found);
}

void LiveRooms::listenTo(const QString &room, log::Topic &topic)
{
    {
        const qint64 last = topic.state().last.offset;
        const std::scoped_lock lock(m_mutex);
        if (const auto found = m_rooms.find(room); found != m_rooms.end())
            found->lastOffset = std::max(found->lastOffset, last);
    }
    topic.addListener(this, [weak = weak_from_this(), room](const log::EventPointer &event) {
        if (const auto self = weak.lock())
            self->publish(room, event);
    });
}

void LiveRooms::publish(const QString &room, const log::EventPointer &event)
{
    std::shared_ptr<Groups> groups;
    bool hasPlain = false, hasEvents = false;
    {
        const std::scoped_lock lock(m_mutex);
        const auto found = m_rooms.find(room);
        if (found == m_rooms.end())
            return;
        found->lastOffset = event->position.offset;
        hasPlain = found->plainSessions > 0;
        hasEvents = found->sessions > found->plainSessions;
        groups = found->groups;
    }
    if (hasEvents)
        groups->events.broadcast(websocket::textFrame(event->data));
    if (const QByteArray plain = hasPlain ? events::plainPart(event->data) : QByteArray(); !plain.isEmpty())
        groups->plain.broadcast(websocket::textFrame(plain));
}

int LiveRooms::sessionsIn(const QString &name) const
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_rooms.find(name);
    return found == m_rooms.end() ? 0 : found->sessions;
}

LiveRooms::Present LiveRooms::presentIn(const QString &name) const
{
    Present present;
    const std::scoped_lock lock(m_mutex);
    const auto found = m_rooms.find(name);
    if (found == m_rooms.end())
        return present;
    present.count = int(found->users.size());
    for (const auto &[user, connections] : found->users) {
        if (present.users.size() == mostTold)
            break;
        present.users.append(user);
    }
    return present;
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
    std::vector<std::pair<QString, std::shared_ptr<Groups>>> all;
    {
        const std::scoped_lock lock(m_mutex);
        all.reserve(size_t(m_rooms.size()));
        for (const auto &[name, entry] : m_rooms.asKeyValueRange())
            all.emplace_back(name, entry.groups);
    }
    QHash<QString, qint64> bytes;
    for (const auto &[name, groups] : all) {
        if (const qint64 queued = groups->plain.queuedBytesHere() + groups->events.queuedBytesHere(); queued > 0)
            bytes.insert(name, queued);
    }
    return bytes;
}

} // namespace godwit::chat
