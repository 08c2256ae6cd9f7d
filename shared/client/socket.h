// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/client/connection.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QQueue>
#include <QStringList>
#include <QWebSocket>

#include <memory>

namespace godwit::client {

/// A WebSocket that comes back, with the states of EventSource. A ping is sent every third of the silence that counts
/// as death. What is sent meanwhile waits in a bounded outbox and goes out in order once online.
///
/// Close code 1000 from the server ends it; 1008 (refused) waits the longest time; 1001 (it restarts) not less than its
/// reason says (protocol/comeback.h); all else is retried. Of a handshake
/// that the server refused QWebSocket tells a number at most: it is asked the same by HTTP, and its answer tells why.
class Socket : public Connection
{
    Q_OBJECT

public:
    static constexpr qsizetype outboxLimit = 256;

    /// @param request has a `ws` or `wss` address (`http` and `https` are turned into these) and headers.
    explicit Socket(QNetworkRequest request, ConnectionOptions options = {}, QObject *parent = nullptr);
    ~Socket() override;

    QUrl url() const { return m_request.url(); }
    /// What is spoken, the first that the server knows; from the next attempt on. One that knows none of them is waited
    /// for, the longest time.
    void setSubprotocols(const QStringList &subprotocols) { m_subprotocols = subprotocols; }

    /// False if the outbox is full: @p text was not taken.
    [[nodiscard]] bool send(const QString &text);
    /// Texts that wait for a connection. What was written but not yet received by the server is not among them.
    const QQueue<QString> &outbox() const { return m_outbox; }
    /// Forgets what waits, for a caller that resends by its own rules.
    void clearOutbox() { m_outbox.clear(); }

Q_SIGNALS:
    void received(const QString &text);

protected:
    void open() override;
    void abandon() override;

private:
    void onOpened();
    void onClosed();
    void askWhy(const QString &said);
    void onToldWhy(const QString &said);

    QNetworkRequest m_request;
    QStringList m_subprotocols;
    std::unique_ptr<QWebSocket, QScopedPointerDeleteLater> m_socket;
    QNetworkAccessManager m_network;
    std::unique_ptr<QNetworkReply, QScopedPointerDeleteLater> m_why;
    QQueue<QString> m_outbox;
    QTimer m_ping;
};

} // namespace godwit::client
