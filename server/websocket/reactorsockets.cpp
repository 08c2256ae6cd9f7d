// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/websocket/reactorsockets.h"

#include "server/http/httpchannel.h"
#include "shared/protocol/comeback.h"

#include <QThreadStorage>
#include <QTimerEvent>
#include <QWebSocket>
#include <QWebSocketServer>

#include <atomic>

namespace godwit::websocket {

using namespace std::chrono_literals;

namespace {

/// A handshake that has not come to an end by then lost its connection on the way.
constexpr auto handshakeLimit = 10s;

std::atomic<qint64> connectionCount = 0;

void sendAway(WsConnection &connection)
{
    connection.close(CloseCode::GoingAway, protocol::comeBackReason(protocol::comeBackTime()));
}

} // namespace

qint64 openConnections()
{
    return connectionCount.load(std::memory_order_relaxed);
}

/// A QWebSocketServer for one upgrade. Qt's handshake is queued, and its server has one list of subprotocols and no way
/// to tell which request a new connection came from; one that serves a single upgrade needs none.
class ReactorSockets::Handshake final : public QWebSocketServer
{
public:
    Handshake(ReactorSockets &owner, const EndpointOptions &endpointOptions, const http::Exchange &exchange,
              Opened function)
        : QWebSocketServer(QStringLiteral("Godwit"), NonSecureMode, &owner),
          options(endpointOptions),
          clientAddress(exchange.request.clientAddress()),
          login(exchange.login),
          principal(exchange.principal),
          opened(std::move(function)),
          giveUpAt(std::chrono::steady_clock::now() + handshakeLimit)
    {
        setSupportedSubprotocols(options.subprotocols);
        connect(this, &QWebSocketServer::newConnection, &owner, [this, &owner] { owner.open(*this); });
        connect(this, &QWebSocketServer::serverError, &owner, [this, &owner] { owner.forget(*this); });
    }

    const EndpointOptions options;
    const QHostAddress clientAddress;
    const std::shared_ptr<const void> login; // see http::Exchange
    const std::shared_ptr<const protocol::Principal> principal;
    const Opened opened;
    const TimePoint giveUpAt;
    QString closesFor; // why, if it is to be closed as soon as it is open
};

ReactorSockets::ReactorSockets() = default;

ReactorSockets::~ReactorSockets()
{
    connectionCount.fetch_sub(qint64(m_connections.size()), std::memory_order_relaxed);
}

ReactorSockets &ReactorSockets::ofThisThread()
{
    // Qt deletes it while the thread's dispatcher is still there; a thread_local would go after it.
    static QThreadStorage<ReactorSockets *> storage;
    if (!storage.hasLocalData())
        storage.setLocalData(new ReactorSockets);
    return *storage.localData();
}

void ReactorSockets::accept(http::Exchange &exchange, const EndpointOptions &options, Opened opened)
{
    auto *const handshake = new Handshake(*this, options, exchange, std::move(opened));
    m_handshakes.push_back(handshake);
    sweepAsOftenAs(options);
    exchange.acceptUpgrade(handshake);
}

void ReactorSockets::open(Handshake &handshake)
{
    http::HttpChannel *const channel = http::HttpChannel::upgrading();
    QWebSocket *const socket = handshake.nextPendingConnection();
    Q_ASSERT(channel && socket);
    auto *const connection = new WsConnection(*this, { socket, channel, handshake.options, handshake.clientAddress });
    connection->m_indexInOwner = m_connections.size();
    m_connections.push_back(connection);
    connectionCount.fetch_add(1, std::memory_order_relaxed);

    const Opened opened = handshake.opened;
    const QString closesFor = handshake.closesFor;
    forget(handshake);
    if (m_isDraining)
        sendAway(*connection);
    else if (!closesFor.isEmpty())
        connection->close(CloseCode::PolicyViolation, closesFor);
    else
        opened(*connection);
}

void ReactorSockets::forget(Handshake &handshake)
{
    std::erase(m_handshakes, &handshake);
    handshake.deleteLater(); // it is emitting
}

void ReactorSockets::remove(WsConnection &connection)
{
    const size_t index = connection.m_indexInOwner;
    m_connections[index] = m_connections.back();
    m_connections[index]->m_indexInOwner = index;
    m_connections.pop_back();
    connectionCount.fetch_sub(1, std::memory_order_relaxed);
}

void ReactorSockets::drain()
{
    m_isDraining = true;
    const std::vector<WsConnection *> connections = m_connections; // closing may end one at once
    for (WsConnection *connection : connections)
        sendAway(*connection);
}

void ReactorSockets::closeWhere(const IsOver &isOver, const QString &reason)
{
    for (Handshake *const handshake : m_handshakes) {
        if (handshake->principal && isOver(handshake->login, *handshake->principal))
            handshake->closesFor = reason;
    }
    const std::vector<WsConnection *> connections = m_connections; // closing may end one at once
    for (WsConnection *const connection : connections) {
        const http::HttpChannel *const channel = connection->m_channel;
        if (channel && channel->exchange().principal
            && isOver(channel->exchange().login, *channel->exchange().principal))
            connection->close(CloseCode::PolicyViolation, reason);
    }
}

void ReactorSockets::sweepAsOftenAs(const EndpointOptions &options)
{
    // A quarter of the shortest time that is watched, so that none is late by more than that.
    const auto wanted = std::max(10ms, std::min(options.pingInterval, options.closeTimeout) / 4);
    if (m_sweep.isActive() && wanted >= m_sweepInterval)
        return;
    m_sweepInterval = std::min(wanted, m_sweepInterval);
    m_sweep.start(int(m_sweepInterval.count()), Qt::CoarseTimer, this);
}

void ReactorSockets::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_sweep.timerId())
        return QObject::timerEvent(event);
    const TimePoint now = std::chrono::steady_clock::now();
    // From behind: one that ends has the last one put in its place.
    for (size_t i = m_connections.size(); i-- > 0;)
        if (i < m_connections.size())
            m_connections[i]->sweep(now);
    for (size_t i = m_handshakes.size(); i-- > 0;)
        if (now >= m_handshakes[i]->giveUpAt)
            forget(*m_handshakes[i]);
    if (m_connections.empty() && m_handshakes.empty())
        m_sweep.stop();
}

} // namespace godwit::websocket
