// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/connectioncounts.h"
#include "server/http/limits.h"
#include "server/http/listensocket.h"
#include "server/http/tlscontext.h"
#include "server/http/trustedproxies.h"

#include <QTcpServer>

#include <optional>

namespace godwit::http {

class HttpChannel;
class RequestHandler;

/// How a server listens. One value for all its reactors; what they share is behind the pointers.
struct ListenOptions
{
    Limits limits;
    TrustedProxies trustedProxies;
    std::shared_ptr<TlsContextSource> tls; ///< TLS on every TCP address; null: plain. Unix sockets are always plain
    std::shared_ptr<ConnectionCounts> counts = std::make_shared<ConnectionCounts>();
};

/// Accepts connections and makes an HttpChannel of each. Two ways to use it:
///
/// under HttpServer, which gives it the handler that complete requests go to; or on its own, in place of the QTcpServer
/// of any QHttpServer, which thereby gets strict framing, limits, timeouts, order and TLS:
///
///     QHttpServer server;                 // with its routes, as before
///     server.bind(new http::Listener(QHostAddress::LocalHost, 8080));
///
/// There the answers are framed from the bytes that QHttpServer writes.
///
/// A channel whose request is still with a handler when the listener dies closes its connection and lives on, alone,
/// until it has been answered.
class Listener final : public QTcpServer
{
    Q_OBJECT
public:
    explicit Listener(ListenOptions options = {}, QObject *parent = nullptr);
    /// Listens at once; see isListening() and errorString().
    Listener(const QHostAddress &host, quint16 port, ListenOptions options = {}, QObject *parent = nullptr);
    ~Listener() override;

    /// Takes @p socket over. False: see errorString().
    bool listenOn(ListenSocket socket);
    /// Accepts nothing more. Whom the kernel has let in already, and who would be cut when the socket is closed, is
    /// still taken; at an inherited socket they wait for who comes after us.
    void stopListening();
    /// Where complete requests go; null (the default) shows them to the QAbstractHttpServer that this is bound to.
    void setHandler(RequestHandler *handler) { m_handler = handler; }
    RequestHandler *handler() const { return m_handler; }
    const std::shared_ptr<const ListenOptions> &options() const { return m_options; }

    /// Makes a channel of a connected stream socket that came from elsewhere. Takes the descriptor.
    void adopt(qintptr descriptor);

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    friend class HttpChannel;
    /// At a channel's first plain request: QAbstractHttpServer hears of it only then, so that a connection that becomes
    /// a WebSocket at once never does.
    void announce(HttpChannel *channel);
    void resumeSoon();
    void acceptWaiting();

    std::shared_ptr<const ListenOptions> m_options; // shared with the channels, which may outlive this
    RequestHandler *m_handler = nullptr;
    std::optional<ListenSocket> m_socket; // keeps the file of a Unix socket
};

} // namespace godwit::http
