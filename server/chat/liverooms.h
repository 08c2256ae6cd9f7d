// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/log/topic.h"
#include "server/websocket/broadcastgroup.h"

#include <QHash>
#include <QStringList>

#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace godwit::chat {

/// The rooms that someone is in, and who. A table behind a short lock, shared by all reactors and the database's
/// writer.
class LiveRooms : public std::enable_shared_from_this<LiveRooms>
{
    /// Of one room: those who get plain messages, and those who get events.
    struct Groups
    {
        websocket::BroadcastGroup plain, events;
    };

public:
    /// In a room with more users nobody is told who comes and goes, or what others have read: of so many each would
    /// hear of as many.
    static constexpr int mostTold = 100;

    enum class Kind { Plain, Events };

    /// A connection's place in a room, until it dies; on the connection's reactor.
    class Place
    {
    public:
        Place(std::shared_ptr<LiveRooms> rooms, QString room, QString user, Kind kind);
        ~Place();
        Place(const Place &) = delete;
        Place &operator=(const Place &) = delete;

        /// From now on @p connection gets what happens there. Within Topic::follow(), so that nothing is missing.
        void join(websocket::WsConnection &connection);
        void leave(websocket::WsConnection &connection);
        /// To all there who get events, and nowhere kept: that somebody writes, or has read.
        void tell(const QByteArray &event);

    private:
        const std::shared_ptr<LiveRooms> m_rooms; // shared by all places and topics' listeners
        const QString m_room, m_user;
        const Kind m_kind;
        std::shared_ptr<Groups> m_groups; // shared by the room's places and events on their way
    };

    /// Passes on what happens in @p topic, the room's, from now on.
    void listenTo(const QString &room, log::Topic &topic);

    int sessionsIn(const QString &name) const;
    struct Present
    {
        QStringList users; ///< in order; at most mostTold
        int count = 0; ///< of users
    };
    Present presentIn(const QString &name) const;

    struct Room
    {
        QString name;
        int members = 0;
        qint64 lastOffset = 0; ///< 0: nothing has happened there, or it is not known yet
    };
    /// In no order.
    std::vector<Room> rooms() const;
    /// Of the members on this reactor: what has not been taken by the kernel, by room.
    QHash<QString, qint64> queuedBytesHere() const;

private:
    struct Entry
    {
        std::shared_ptr<Groups> groups; // shared with the places
        int sessions = 0, plainSessions = 0;
        std::map<QString, int> users; // connections of each
        qint64 lastOffset = 0;
    };

    std::shared_ptr<Groups> enter(const QString &room, const QString &user, Kind kind);
    void leave(const QString &room, const QString &user, Kind kind);
    void publish(const QString &room, const log::EventPointer &event);

    mutable std::mutex m_mutex;
    QHash<QString, Entry> m_rooms;
};

} // namespace godwit::chat
