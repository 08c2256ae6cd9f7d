// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/sse.h"

#include <QHash>
#include <QJsonDocument>
#include <QList>
#include <QPointer>
#include <QTcpServer>
#include <QTcpSocket>
#include <QUrl>
#include <QUrlQuery>
#include <QWebSocket>
#include <QWebSocketServer>

#include <functional>
#include <map>

namespace godwit::test {

struct FakeRequest
{
    QByteArray method;
    QByteArray path;
    QUrlQuery query;
    QHash<QByteArray, QByteArray> headers; ///< names in lower case
    QByteArray body;
    QByteArrayList parameters; ///< what stood for the `{...}` of the route

    QJsonObject json() const { return QJsonDocument::fromJson(body).object(); }
};

/// The answering end of one connection; a cheap handle. All that is called after the client has left does nothing.
class FakeReply
{
public:
    explicit FakeReply(QTcpSocket *socket) : m_socket(socket) { }

    void answer(int status, const QByteArray &body, const QByteArray &type = "application/json",
                const QByteArray &moreHeaders = {}) const;
    void json(const QJsonDocument &json, int status = 200) const { answer(status, json.toJson()); }
    void problem(int status, const QString &detail, const QByteArray &moreHeaders = {}) const;
    /// The head of an event stream; send() adds to it until cut() or finish().
    void beginStream() const;
    void send(const QByteArray &bytes) const;
    void send(const protocol::SseEvent &event) const { send(protocol::encodeSse(event)); }
    /// Gone without a goodbye.
    void cut() const;
    /// Closed in good order.
    void finish() const;
    bool isOpen() const { return m_socket && m_socket->state() == QAbstractSocket::ConnectedState; }

private:
    QPointer<QTcpSocket> m_socket;
};

/// A server on one free port of 127.0.0.1 that does what the test says: HTTP, event streams and WebSockets. Strict in
/// nothing; one thread.
class FakeServer : public QObject
{
    Q_OBJECT

public:
    using Handler = std::function<void(const FakeRequest &, const FakeReply &)>;
    using SocketHandler = std::function<void(QWebSocket &)>;
    using Gate = std::function<bool(const FakeRequest &, const FakeReply &)>;

    explicit FakeServer(QObject *parent = nullptr);
    ~FakeServer() override;

    QUrl url() const;

    /// @param route such as `GET /api/tasks/{id}`. The last one given for a route counts.
    void on(const QByteArray &route, Handler handler);
    /// What happens to a WebSocket opened at @p path; without a handler it is refused.
    void onSocket(const QString &path, SocketHandler handler);
    void setSubprotocols(const QStringList &subprotocols) { m_webSockets.setSupportedSubprotocols(subprotocols); }

    /// Sees each request before its handler, and the opening of each WebSocket; false: it has answered itself.
    void setGate(Gate gate) { m_gate = std::move(gate); }

    /// Stops listening and cuts every connection; resume() listens on the same port again.
    void stop();
    void resume();
    /// Cuts every connection and goes on listening.
    void cutAll();

    const QList<FakeRequest> &requests() const { return m_requests; }
    qsizetype count(const QByteArray &path) const;
    qsizetype accepted() const { return m_accepted; } ///< connections since the start
    qsizetype open() const { return m_buffers.size(); } ///< that have sent something

Q_SIGNALS:
    void requested(const godwit::test::FakeRequest &request);

private:
    void read(QTcpSocket *socket);
    bool readOne(QTcpSocket *socket, QByteArray &buffer);
    void dispatch(FakeRequest request, QTcpSocket *socket);

    QTcpServer m_server;
    QWebSocketServer m_webSockets;
    quint16 m_port = 0;
    Gate m_gate;
    qsizetype m_accepted = 0;
    std::map<QByteArray, Handler> m_handlers;
    std::map<QString, SocketHandler> m_socketHandlers;
    QHash<QTcpSocket *, QByteArray> m_buffers;
    QList<FakeRequest> m_requests;
};

} // namespace godwit::test
