// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/framesource.h"
#include "server/websocket/closecode.h"
#include "server/websocket/options.h"
#include "shared/async/oneshot.h"
#include "shared/core/clock.h"

#include <QHostAddress>
#include <QObject>
#include <QPointer>

#include <vector>

class QWebSocket;

namespace godwit::http {
class HttpChannel;
}

namespace godwit::websocket {

class FrameLog;
class ReactorSockets;

/// One open WebSocket. Lives on its reactor, is owned by it, and dies there some time after closed(): keep a QPointer
/// across a co_await, never a pointer in another thread.
///
/// All that is sent goes as whole, prebuilt frames under the QWebSocket, coalesced with others to one write a loop
/// turn; the QWebSocket itself reads, and answers pings and close frames.
class WsConnection final : public QObject, private http::FrameSource
{
    Q_OBJECT
public:
    ~WsConnection() override;

    /// Until close(), the peer's close frame or the end of the connection. What is sent later is dropped.
    bool isOpen() const { return m_isOpen; }
    QString subprotocol() const; ///< what was chosen; empty without one
    /// Of the client, as Request::clientAddress() says it.
    const QHostAddress &clientAddress() const { return m_clientAddress; }

    void sendText(QByteArrayView utf8);
    void sendBinary(QByteArrayView bytes);
    /// Sends what frame.h built: one frame, or several in a row. Applies the endpoint's overflow policy.
    void sendFrames(const QByteArray &frames);

    /// Sends a close frame behind what is queued, and ends the connection: at closeTimeout at the latest.
    void close(CloseCode code, const QString &reason = {});
    /// close() with the code and, unless it is internal, the message of @p error.
    void closeFor(const Error &error);

    /// Back-pressure: while false, nothing more is read from the client. What has been read already still arrives.
    void setReading(bool reads);

    /// When at most a quarter of the queue waits: for whoever has much to send and would rather wait than be too fast
    /// for the client. One waits at a time. Fails with Error::Cancelled once the connection is gone.
    async::OneShot<void> room();

    qint64 queuedBytes() const; ///< not yet taken by the kernel
    qint64 droppedMessages() const { return m_dropped; } ///< by Overflow::KeepNewest

    // For BroadcastGroup.

    /// Sends what is appended to @p log from now on, until unfollow() or the end of this connection.
    void follow(FrameLog &log);
    void unfollow(FrameLog &log); ///< what was appended before is still sent
    /// Something has been appended: it is fetched when the turn of this connection to write comes.
    void announceFrames();

Q_SIGNALS:
    void textReceived(const QString &text);
    void binaryReceived(const QByteArray &bytes);
    /// Once, at the end, however it came about. CloseCode::Abnormal without a close frame.
    void closed(godwit::websocket::CloseCode code, const QString &reason);

private:
    friend class ReactorSockets;
    /// What an accepted upgrade brings along.
    struct Upgraded
    {
        QWebSocket *socket; ///< becomes our child
        http::HttpChannel *channel;
        EndpointOptions options;
        QHostAddress clientAddress;
    };
    WsConnection(ReactorSockets &owner, Upgraded upgraded);

    // http::FrameSource
    void fetchFrames() override;
    void framesTaken() override;

    void connectSocket();
    void queue(const QByteArray &frames);
    void unfollowAll();
    bool hasRoom() const { return queuedBytes() <= m_options.queueBytes / 4; }
    void holdNewest(const QByteArray &frames);
    void sendHeld();
    void sweep(TimePoint now);
    void stopSending();
    void abort();
    void finish();

    ReactorSockets &m_owner;
    size_t m_indexInOwner = 0;
    const EndpointOptions m_options;
    const QHostAddress m_clientAddress;
    QWebSocket *const m_socket;
    QPointer<http::HttpChannel> m_channel; // beneath the QWebSocket, which owns it
    struct Followed
    {
        FrameLog *log;
        qint64 position; // up to where it has been sent
    };
    std::vector<Followed> m_followed;
    QByteArray m_held; // Overflow::KeepNewest: the newest that found the queue full
    std::optional<async::OneShot<void>::Finisher> m_waitsForRoom;
    TimePoint m_pingAt, m_closeBy = TimePoint::max();
    qint64 m_dropped = 0;
    int m_unanswered = 0;
    CloseCode m_closeCode = CloseCode::Abnormal;
    QString m_closeReason;
    bool m_isOpen = true, m_isFinished = false;
};

} // namespace godwit::websocket
