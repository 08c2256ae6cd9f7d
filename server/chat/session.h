// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/chat/chat.h"
#include "shared/async/bulkhead.h"
#include "shared/protocol/chatcommand.h"

#include <QCoroTask>
#include <QPointer>

namespace godwit::chat {

/// One user's connection that speaks godwit.chat.v1: in any number of rooms up to mostRooms, by commands. A child of
/// its connection.
class Session final : public QObject
{
public:
    static constexpr size_t mostRooms = 200;

    Session(websocket::WsConnection &connection, std::shared_ptr<Chat> chat, protocol::Principal user);
    ~Session() override;

    /// As the command does.
    void join(const QString &room);

private:
    using Command = protocol::ChatCommand;

    /// A room that we are in, or come into.
    struct Membership
    {
        Membership(const std::shared_ptr<LiveRooms> &rooms, const QString &room, const QString &user)
            : place(rooms, room, user, LiveRooms::Kind::Events)
        {
        }
        ~Membership() { stop.request_stop(); }
        Membership(const Membership &) = delete;
        Membership &operator=(const Membership &) = delete;

        LiveRooms::Place place;
        std::shared_ptr<log::Topic> topic; // shared with the log: in memory as long as this
        TimePoint typedAt{}; // when the room was told last
        std::stop_source stop;
    };

    void receive(const QString &text);
    void obey(Command command);
    void enter(const Command &command);
    void leave(const Command &command);
    void tellTyping(const Command &command);
    QCoro::Task<> follow(Command command, std::weak_ptr<Membership> membership);
    QCoro::Task<> post(Command command);
    void finishOne();
    QCoro::Task<> change(Command command);
    QCoro::Task<> markRead(Command command);
    QCoro::Task<> showHistory(Command command);

    void sendJoined(const Command &command, const log::EventLog::Start &start, const Standing &standing);
    void send(const char *type, QJsonObject event, const Command &command);
    void refuse(const Command &command, const Error &error);
    /// The same of one that is called @p name, known or not.
    void refuse(const Command &command, const Error &error, const QString &name);
    void checkRole(protocol::Role least) const;
    Membership &membershipIn(const QString &room);

    websocket::WsConnection &m_connection;
    const std::shared_ptr<Chat> m_chat; // shared by all sessions and the routes
    const protocol::Principal m_user;
    std::map<QString, std::shared_ptr<Membership>> m_rooms; // shared with follow(), for the moment
    /// Of rooms whose past is sent: the connection has one queue, and one may wait for room in it.
    async::Bulkhead m_recoveries{ { .name = QStringLiteral("rooms"), .concurrency = 1, .queue = int(mostRooms) } };
    int m_inFlight = 0; // commands
    std::stop_source m_stop; // of what nobody wants when the client has left
};

} // namespace godwit::chat
