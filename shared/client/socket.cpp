// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/socket.h"

#include "shared/client/problem.h"
#include "shared/protocol/comeback.h"

#include <QWebSocketHandshakeOptions>

namespace godwit::client {

using namespace Qt::StringLiterals;
using Phase = ConnectionState::Phase;

Socket::Socket(QNetworkRequest request, ConnectionOptions options, QObject *parent)
    : Connection(options, parent),
      m_request(request)
{
    QUrl url = m_request.url();
    if (url.scheme() == "http"_L1 || url.scheme() == "https"_L1)
        url.setScheme(url.scheme() == "https"_L1 ? u"wss"_s : u"ws"_s);
    m_request.setUrl(url);
    connect(&m_ping, &QTimer::timeout, this, [this] { m_socket->ping(); });
}

Socket::~Socket()
{
    Socket::abandon();
}

bool Socket::send(const QString &text)
{
    if (isOnline()) {
        m_socket->sendTextMessage(text);
        return true;
    }
    if (m_outbox.size() >= outboxLimit)
        return false;
    m_outbox.enqueue(text);
    return true;
}

void Socket::open()
{
    static constexpr quint64 messageLimitBytes = 8 * 1024 * 1024;

    m_socket.reset(new QWebSocket);
    m_socket->setMaxAllowedIncomingMessageSize(messageLimitBytes);
    m_socket->setMaxAllowedIncomingFrameSize(messageLimitBytes);
    connect(m_socket.get(), &QWebSocket::connected, this, &Socket::onOpened);
    connect(m_socket.get(), &QWebSocket::pong, this, &Socket::heard);
    connect(m_socket.get(), &QWebSocket::textMessageReceived, this, [this](const QString &text) {
        heard();
        Q_EMIT received(text);
    });
    // Reported for a refused connection, a refused handshake and a lost connection alike.
    connect(m_socket.get(), &QWebSocket::stateChanged, this, [this](QAbstractSocket::SocketState now) {
        if (now == QAbstractSocket::UnconnectedState)
            onClosed();
    });
    // A handshake that was answered otherwise; the connection below it may stay.
    const auto failed = [this] {
        if (!isOnline())
            onClosed();
    };
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    connect(m_socket.get(), &QWebSocket::errorOccurred, this, failed);
#else
    connect(m_socket.get(), qOverload<QAbstractSocket::SocketError>(&QWebSocket::error), this, failed);
#endif
    authorize(m_request);
    QWebSocketHandshakeOptions handshake;
    handshake.setSubprotocols(m_subprotocols);
    m_socket->open(m_request, handshake);
}

void Socket::abandon()
{
    m_ping.stop();
    if (m_why) {
        m_why->disconnect(this);
        m_why->abort();
        m_why.reset();
    }
    if (!m_socket)
        return;
    m_socket->disconnect(this);
    if (m_socket->state() == QAbstractSocket::ConnectedState)
        m_socket->close(QWebSocketProtocol::CloseCodeGoingAway);
    m_socket->abort();
    m_socket.reset();
}

void Socket::onOpened()
{
    if (!m_subprotocols.isEmpty() && !m_subprotocols.contains(m_socket->subprotocol()))
        return lost(tr("The server does not speak %1").arg(m_subprotocols.join(u", "_s)), backoff().maximum());
    m_ping.start(options().silence / 3);
    connected();
    while (isOnline() && !m_outbox.isEmpty())
        m_socket->sendTextMessage(m_outbox.dequeue());
}

void Socket::onClosed()
{
    if (!isOnline())
        return askWhy(m_socket->errorString());
    // Without a close frame the code is 1000 as well, but then there is an error of the transport.
    const bool wasClosed = m_socket->error() == QAbstractSocket::UnknownSocketError;
    const auto code = m_socket->closeCode();
    // Qt tells codes that it does not know (1012 to 1014) as a protocol error with a reason of its own.
    const QString said = code == QWebSocketProtocol::CloseCodeProtocolError ? QString() : m_socket->closeReason();
    if (wasClosed && code == QWebSocketProtocol::CloseCodeNormal)
        return ended(said.isEmpty() ? tr("The server has closed the connection") : said);
    std::chrono::milliseconds atLeast{};
    if (code == QWebSocketProtocol::CloseCodePolicyViolated)
        atLeast = backoff().maximum();
    else if (code == QWebSocketProtocol::CloseCodeGoingAway)
        atLeast = protocol::comeBackTimeOf(said).value_or(atLeast);
    lost(said.isEmpty() ? tr("The connection was lost") : said, atLeast);
}

/// @param said by QWebSocket.
void Socket::askWhy(const QString &said)
{
    if (m_why)
        return; // both an error and the end of the connection tell of it
    QNetworkRequest request = m_request;
    QUrl url = m_request.url();
    url.setScheme(url.scheme() == "wss"_L1 ? u"https"_s : u"http"_s);
    request.setUrl(url);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    m_why.reset(m_network.get(request));
    connect(m_why.get(), &QNetworkReply::finished, this, [this, said] { onToldWhy(said); });
}

void Socket::onToldWhy(const QString &said)
{
    static constexpr int upgradeRequired = 426; // then it was not this request that was refused

    const int status = statusOf(*m_why);
    if (status >= 200 && (status < 300 || status == upgradeRequired))
        return lost(said);
    const QString reason = errorOf(*m_why, m_why->read(64 * 1024)).message();
    if (status == 401)
        return unauthenticated(reason);
    const bool isFinal = status >= 400 && status < 500 && status != 408 && status != 425 && status != 429;
    lost(reason, isFinal ? backoff().maximum() : retryAfter(*m_why));
}

} // namespace godwit::client
