// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/chat/chat.h"

#include <QCoroTask>

namespace godwit::chat {

/// One user's connection to one room without a subprotocol: every text frame is a message. A child of its connection.
class PlainSession final : public QObject
{
public:
    PlainSession(websocket::WsConnection &connection, std::shared_ptr<Chat> chat, const QString &room,
                 protocol::Principal user);
    ~PlainSession() override;

private:
    QCoro::Task<> join();
    void receive(const QString &text);
    QCoro::Task<> sendWaiting();
    QCoro::Task<> post(QString text);

    websocket::WsConnection &m_connection;
    const std::shared_ptr<Chat> m_chat; // shared by all sessions and the routes
    const QString m_room;
    const protocol::Principal m_user;
    LiveRooms::Place m_place;
    std::shared_ptr<log::Topic> m_topic; // shared with the log: in memory as long as this
    QStringList m_waiting; // for the room, or for the rate
    int m_inFlight = 0; // with those that wait
    bool m_isJoined = false, m_isSending = false;
    std::stop_source m_stop;
};

} // namespace godwit::chat
