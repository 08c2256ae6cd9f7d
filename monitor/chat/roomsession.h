// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/chat/outbox.h"
#include "monitor/models/chatmodel.h"
#include "monitor/net/session.h"

#include <QObject>

#include <memory>

namespace godwit::chat {

/// The spelling of a room's or user's name that the server answers with, so that echoes are known by it.
QString normalizedName(const QString &name);

/// One room that we listen to: its WebSocket, its history, and what is still to be sent there.
///
/// Nothing is sent before the newest page of history has come: only then is it known what has arrived of the last
/// connection. A message whose link broke between writing and echo is looked for in that page; if it is not there it
/// stays SendState::Unconfirmed until its writer decides, for a second copy cannot be taken back. Nor is anything sent
/// before the server has said who we are: what was written under one name must not go out under another.
class RoomSession : public QObject
{
    Q_OBJECT

public:
    static constexpr int pageSize = 50;
    /// Bytes of UTF-8: what the server takes, too.
    static constexpr qsizetype messageLimitBytes = 64 * 1024;

    /// @p session and @p outbox must outlive it.
    RoomSession(net::Session &session, Outbox &outbox, const QString &room, const QString &user,
                QObject *parent = nullptr);
    ~RoomSession() override;

    const QString &room() const { return m_room; }
    const QString &user() const { return m_user; }
    models::ChatModel &model() { return m_model; }
    client::Socket &connection() { return *m_socket; }
    void start() { m_socket->start(); }

    /// Sends @p text, or keeps it until that is possible.
    /// Failure: empty, too long, or the outbox is full.
    Result<void> post(const QString &text);
    /// Sends what is SendState::Unconfirmed or Refused once more.
    void resend(const QByteArray &localId);
    void discard(const QByteArray &localId);

    /// Asks for the page before the first message, if there is one.
    void fetchOlder();
    /// Asks for what the gap that begins with offset @p first leaves out, from its end.
    void fetchGap(qint64 first);
    bool isFetching() const { return m_fetches > 0; }
    /// Whether the server was ever heard: an empty model says nothing before that.
    bool isKnown() const { return m_isKnown; }

Q_SIGNALS:
    /// After each connection, once what was missed is here (or could not be had).
    void caughtUp();
    /// From the socket, from history, or written by ourselves.
    void messagesArrived();
    void fetchingChanged();
    void failed(const QString &text);

private:
    QCoro::Task<Result<QList<protocol::ChatMessage>>> fetchPage(qint64 before, int limit);
    QCoro::Task<> catchUp();
    QCoro::Task<> loadOlder();
    QCoro::Task<> fillGap(qint64 first);
    void onStateChanged(const client::ConnectionState &state);
    void onReceived(const QString &text);
    void send(const models::PendingMessage &message);
    void getReady();
    bool isAnothers() const;
    void sendWaiting();
    void setState(const QByteArray &localId, models::SendState state);
    void countFetch(int by);

    net::Session &m_session;
    Outbox &m_outbox;
    QString m_room, m_user;
    models::ChatModel m_model;
    std::unique_ptr<client::Socket> m_socket;
    int m_connections = 0; // counts them, so that an answer of a former one is known
    bool m_hasCaughtUp = false; // with the connection of now
    bool m_isReady = false; // and known by our name, so sending is safe
    bool m_isKnown = false;
    bool m_isLoadingOlder = false;
    int m_fetches = 0;
};

} // namespace godwit::chat
