// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/websocket/wsconnection.h"

#include "server/http/httpchannel.h"
#include "server/websocket/frame.h"
#include "server/websocket/framelog.h"
#include "server/websocket/reactorsockets.h"

#include <QWebSocket>

#include <algorithm>

namespace godwit::websocket {

using namespace Qt::StringLiterals;

WsConnection::WsConnection(ReactorSockets &owner, Upgraded upgraded)
    : QObject(&owner),
      m_owner(owner),
      m_options(std::move(upgraded.options)),
      m_clientAddress(upgraded.clientAddress),
      m_socket(upgraded.socket),
      m_channel(upgraded.channel),
      m_pingAt(std::chrono::steady_clock::now() + m_options.pingInterval)
{
    m_socket->setParent(this);
    m_socket->setMaxAllowedIncomingFrameSize(quint64(m_options.frameBytes));
    m_socket->setMaxAllowedIncomingMessageSize(quint64(m_options.messageBytes));
    connectSocket();
    m_channel->setFrameSource(this);
}

WsConnection::~WsConnection()
{
    unfollowAll();
    if (m_channel)
        m_channel->setFrameSource(nullptr);
    // Its destructor sends and emits once more: to nobody.
    disconnect(m_socket, nullptr, this, nullptr);
    delete m_socket;
}

void WsConnection::connectSocket()
{
    // QWebSocket goes on reading behind a close frame: what comes there could not be acknowledged (RFC 6455, 1.4).
    connect(m_socket, &QWebSocket::textMessageReceived, this, [this](const QString &text) {
        if (m_isOpen)
            Q_EMIT textReceived(text);
    });
    connect(m_socket, &QWebSocket::binaryMessageReceived, this, [this](const QByteArray &bytes) {
        if (m_isOpen)
            Q_EMIT binaryReceived(bytes);
    });
    connect(m_socket, &QWebSocket::pong, this, [this] { m_unanswered = 0; });
    connect(m_socket, &QWebSocket::aboutToClose, this, &WsConnection::stopSending);
    connect(m_socket, &QWebSocket::disconnected, this, &WsConnection::finish);
}

QString WsConnection::subprotocol() const
{
    return m_socket->subprotocol();
}

void WsConnection::sendText(QByteArrayView utf8)
{
    sendFrames(textFrame(utf8));
}

void WsConnection::sendBinary(QByteArrayView bytes)
{
    sendFrames(binaryFrame(bytes));
}

void WsConnection::sendFrames(const QByteArray &frames)
{
    fetchFrames(); // what was broadcast before
    queue(frames);
}

void WsConnection::queue(const QByteArray &frames)
{
    if (!m_isOpen || !m_channel)
        return;
    if (m_channel->bytesToWrite() <= m_options.queueBytes && m_held.isEmpty())
        m_channel->writeFrame(frames);
    else if (m_options.overflow == Overflow::KeepNewest)
        holdNewest(frames);
    else
        close(CloseCode::TryAgainLater, u"reading too slowly"_s);
}

void WsConnection::holdNewest(const QByteArray &frames)
{
    if (!m_held.isEmpty())
        ++m_dropped;
    m_held = frames;
}

void WsConnection::framesTaken()
{
    if (!m_held.isEmpty() && m_isOpen && m_channel && m_channel->bytesToWrite() <= m_options.queueBytes)
        m_channel->writeFrame(std::exchange(m_held, {}));
    if (m_waitsForRoom && hasRoom()) {
        auto waits = std::move(*m_waitsForRoom);
        m_waitsForRoom.reset();
        waits.set();
    }
}

void WsConnection::follow(FrameLog &log)
{
    if (m_isOpen)
        m_followed.push_back({ &log, log.addReader() });
}

void WsConnection::unfollow(FrameLog &log)
{
    fetchFrames();
    const auto followed = std::ranges::find(m_followed, &log, &Followed::log);
    if (followed == m_followed.end())
        return;
    log.removeReader(followed->position);
    m_followed.erase(followed);
}

void WsConnection::unfollowAll()
{
    for (const Followed &followed : std::exchange(m_followed, {}))
        followed.log->removeReader(followed.position);
}

void WsConnection::announceFrames()
{
    if (m_channel && m_isOpen)
        m_channel->scheduleTurn();
}

void WsConnection::fetchFrames()
{
    for (size_t i = 0; i < m_followed.size(); ++i) { // by index: a full queue closes, which unfollows
        if (const QByteArray frames = m_followed[i].log->take(m_followed[i].position); !frames.isEmpty())
            queue(frames);
    }
}

async::OneShot<void> WsConnection::room()
{
    auto [finisher, room] = async::oneShot<void>();
    if (!m_isOpen)
        finisher.fail(Error::cancelled());
    else if (hasRoom())
        finisher.set();
    else
        m_waitsForRoom = std::move(finisher);
    return std::move(room);
}

void WsConnection::setReading(bool reads)
{
    if (m_isOpen && m_channel)
        m_channel->setReading(reads);
}

qint64 WsConnection::queuedBytes() const
{
    qint64 bytes = (m_channel ? m_channel->bytesToWrite() : 0) + m_held.size();
    for (const Followed &followed : m_followed)
        bytes += followed.log->end() - followed.position;
    return bytes;
}

void WsConnection::close(CloseCode code, const QString &reason)
{
    if (!m_isOpen)
        return;
    // The frame's text, cut at a character: Qt asserts instead.
    const QByteArray frame = closeFrame(code, reason.toUtf8());
    m_socket->close(QWebSocketProtocol::CloseCode(code), QString::fromUtf8(QByteArrayView(frame).sliced(4)));
}

void WsConnection::closeFor(const Error &error)
{
    const bool isInternal = error.code() == Error::Code::Internal;
    close(closeCodeFor(error.code()), isInternal ? u"internal error"_s : error.message());
}

/// A close frame has been written, ours or the answer to the peer's: nothing may follow it (RFC 6455, 5.5.1).
void WsConnection::stopSending()
{
    m_isOpen = false;
    m_closeBy = std::chrono::steady_clock::now() + m_options.closeTimeout;
    m_closeCode = CloseCode(m_socket->closeCode());
    m_closeReason = m_socket->closeReason();
    m_held.clear();
    unfollowAll();
}

void WsConnection::sweep(TimePoint now)
{
    if (now >= m_closeBy) {
        abort();
    } else if (m_isOpen && now >= m_pingAt) {
        if (m_unanswered >= m_options.missedPings) {
            m_closeReason = u"no answer to %1 pings"_s.arg(m_unanswered);
            abort();
            return;
        }
        ++m_unanswered;
        m_pingAt = now + m_options.pingInterval;
        if (m_channel)
            m_channel->writeFrame(pingFrame());
    }
}

void WsConnection::abort()
{
    if (m_channel)
        m_channel->abortConnection();
    finish();
}

void WsConnection::finish()
{
    if (std::exchange(m_isFinished, true))
        return;
    m_isOpen = false;
    m_waitsForRoom.reset();
    unfollowAll();
    m_owner.remove(*this);
    Q_EMIT closed(m_closeCode, m_closeReason);
    deleteLater();
}

} // namespace godwit::websocket
