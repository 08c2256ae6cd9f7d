// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/exchange.h"
#include "server/websocket/options.h"
#include "server/websocket/wsconnection.h"

#include <functional>

namespace godwit::websocket {

/// Is given the connection once, on its reactor, when the handshake is through and before its first message.
using Opened = std::function<void(WsConnection &)>;

/// Makes a WebSocket of the request that @p exchange holds: the last line of a handler of Router::webSocket(), which
/// has verified first whatever it wants to verify and may have waited for that.
///
///     router.webSocket("/ws/echo", [](http::Exchange &exchange) {
///         websocket::accept(exchange, {}, [](WsConnection &connection) {
///             QObject::connect(&connection, &WsConnection::textReceived, &connection,
///                              [&connection](const QString &text) { connection.sendText(text.toUtf8()); });
///         });
///     });
///
/// Answers with a problem instead: 400 for a broken handshake, 426 for another version than 13. While the server drains
/// the connection is opened and closed at once with 1001, which says when to come back.
/// Pages of foreign origins are middleware's to refuse (OriginCheck).
void accept(http::Exchange &exchange, const EndpointOptions &options, Opened opened);

} // namespace godwit::websocket
