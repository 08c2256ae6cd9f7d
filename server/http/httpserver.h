// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/channelregistry.h"
#include "server/http/listener.h"

#include <memory>

namespace godwit::http {

/// The HTTP server of one reactor: made, used and destroyed in its thread.
///
///     auto sockets = orThrow(ListenSocket::open(address, reactors.size()));
///     reactors.callOnAll([&](int i) {
///         servers[i] = std::make_unique<HttpServer>(pipeline, options);
///         servers[i]->listenOn(std::move(sockets[i]));
///     });
///
/// A drain, on each reactor: beginDrain(); wait until figures().busy is 0 (or for the deadline: then stopRequests(),
/// and a little later abortConnections()); destroy.
class HttpServer
{
    Q_DISABLE_COPY_MOVE(HttpServer)

public:
    /// @p handler, one for all reactors, must outlive the server.
    HttpServer(RequestHandler &handler, ListenOptions options);
    ~HttpServer();

    /// May be called for several addresses. Throws Error.
    void listenOn(ListenSocket socket);

    /// Accepts nothing more, answers what is in work, or comes within half a second over a connection that is open,
    /// with `Connection: close`, then closes what is idle, and asks endless bodies (Server-Sent Events) to end.
    /// WebSockets are their endpoint's to close.
    void beginDrain();
    /// Fires the token of every request that is still in work.
    void stopRequests();
    /// Cuts every connection, WebSockets too.
    void abortConnections();
    /// Of all connections of this thread.
    ChannelRegistry::Figures figures() const;

private:
    class Border;
    std::unique_ptr<Border> m_border; // the QAbstractHttpServer; owns the listeners
    RequestHandler &m_handler;
    const ListenOptions m_options;
    std::vector<Listener *> m_listeners;
};

} // namespace godwit::http
