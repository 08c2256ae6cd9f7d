// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/net/session.h"
#include "shared/protocol/chatcommand.h"

#include <QJsonObject>
#include <QObject>

#include <memory>

namespace godwit::chat {

/// A user's one connection for all rooms: speaks godwit.chat.v1, and tells what happens by room.
class ChatLink : public QObject
{
    Q_OBJECT

public:
    /// Not started yet. @p session must outlive it.
    ChatLink(net::Session &session, const QString &user, QObject *parent = nullptr);
    ~ChatLink() override;

    void start() { m_socket->start(); }
    client::Socket &connection() { return *m_socket; }
    bool isOnline() const { return m_socket->isOnline(); }

    /// False while there is no connection: nothing is kept here, for each room knows what it has to say again.
    bool send(const protocol::ChatCommand &command);

Q_SIGNALS:
    /// @p type is that of resources/asyncapi.yaml.
    void happened(const QString &room, const QString &type, const QJsonObject &event);
    /// The server sent what is no event.
    void failed(const QString &text);

private:
    void receive(const QString &text);

    std::unique_ptr<client::Socket> m_socket;
};

} // namespace godwit::chat
