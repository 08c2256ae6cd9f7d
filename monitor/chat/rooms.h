// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/chat/chatlink.h"
#include "monitor/chat/outbox.h"
#include "monitor/chat/roomsession.h"
#include "monitor/models/roommodel.h"
#include "monitor/net/session.h"

#include <QObject>
#include <QStringList>
#include <QTimer>

#include <map>
#include <memory>

namespace godwit::chat {

/// The rooms of one server as one user sees them: which are joined, what is unread in each, and which others exist. All
/// of them by one connection.
class Rooms : public QObject
{
    Q_OBJECT

public:
    static constexpr int joinedLimit = 100;
    static constexpr char defaultRoom[] = "lobby";

    struct Options
    {
        QString user;
        QStringList joined; ///< the default room if empty
        QString outboxFile; ///< in memory if empty
    };

    /// @p session must outlive it.
    Rooms(net::Session &session, Options options, QObject *parent = nullptr);
    ~Rooms() override;

    /// Connects the joined rooms and keeps the list of the others up to date.
    void start();

    const QString &user() const { return m_user; }
    /// Leaves all rooms and joins them again under another name. What was written since @p adoptSince under the former
    /// name, and not sent, goes with it; all else of that name stays in the outbox for it. Failure: no name.
    Result<void> setUser(const QString &user, std::optional<Timestamp> adoptSince = {});

    models::RoomModel &model() { return m_model; }
    const Outbox &outbox() const { return m_outbox; }
    /// By which all joined rooms are followed; another one after setUser().
    client::Socket &connection() { return m_link->connection(); }
    QStringList joined() const;
    /// Null if it is not joined.
    RoomSession *session(const QString &room) const;

    /// The joined room; joins it if need be. Failure: no room's name, or too many are joined.
    Result<RoomSession *> join(const QString &room);
    /// Nothing of the room is lost; its unsent messages stay in the outbox.
    void leave(const QString &room);

    /// All that has arrived in @p room has been seen.
    void markRead(const QString &room);

Q_SIGNALS:
    void joinedChanged();
    void unreadChanged(int total);
    /// Somebody has said something to us, just now.
    void mentioned(const QString &room, const QString &user, const QString &text);
    void failed(const QString &text);

private:
    void connectLink();
    QCoro::Task<> refresh();
    RoomSession *open(const QString &room);
    void describe(const QString &room);

    net::Session &m_session;
    QString m_user;
    Outbox m_outbox;
    models::RoomModel m_model;
    std::unique_ptr<ChatLink> m_link; // before those that speak by it
    std::map<QString, std::unique_ptr<RoomSession>> m_sessions;
    QTimer m_refresh;
    bool m_isStarted = false;
};

} // namespace godwit::chat
