// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/websocket/wsendpoint.h"

#include <QBasicTimer>
#include <QObject>

#include <memory>
#include <vector>

namespace godwit::websocket {

/// All WebSockets of one reactor: owns them, and pings, closes and gives up on them by one timer for all. One a thread,
/// made at its first upgrade and deleted when the thread ends. No locks: nothing here is shared.
class ReactorSockets final : public QObject
{
public:
    ReactorSockets();
    ~ReactorSockets() override;

    static ReactorSockets &ofThisThread();

    /// The exchange has been verified; see accept().
    void accept(http::Exchange &exchange, const EndpointOptions &options, Opened opened);

    /// Drains: every connection is closed with 1001 and a reason that says when to come back, each at a time of its own
    /// (protocol/comeback.h), and no other is accepted any more.
    void drain();
    bool isDraining() const { return m_isDraining; }

    /// Closes those whose upgrade was asked for by somebody of whom @p isOver says so. Given what the exchange said.
    using IsOver = std::function<bool(const std::shared_ptr<const void> &login, const protocol::Principal &principal)>;
    void closeWhere(const IsOver &isOver, const QString &reason);

    /// Connections that have not ended yet.
    size_t size() const { return m_connections.size(); }

private:
    friend class WsConnection;
    class Handshake;

    void open(Handshake &handshake);
    void forget(Handshake &handshake);
    void remove(WsConnection &connection);
    void sweepAsOftenAs(const EndpointOptions &options);
    void timerEvent(QTimerEvent *event) override;

    std::vector<Handshake *> m_handshakes; // our children, in progress
    std::vector<WsConnection *> m_connections; // our children
    QBasicTimer m_sweep;
    std::chrono::milliseconds m_sweepInterval{ 1'000 };
    bool m_isDraining = false;
};

/// Open WebSockets of this process. Any thread; a relaxed atomic.
qint64 openConnections();

} // namespace godwit::websocket
