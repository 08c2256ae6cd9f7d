// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/chat/liverooms.h"
#include "server/websocket/options.h"

namespace godwit::http {
class Router;
}

namespace godwit::chat {

class Service;

/// `/ws/chat?room=&user=`, `GET /api/rooms` and `GET /api/rooms/{room}/messages`. @p service must outlive the router
/// and the connections. Sets its publisher.
/// @p rooms is shared with the connections and the publisher, which are used until the last write has ended.
void registerEndpoints(http::Router &router, Service &service, std::shared_ptr<LiveRooms> rooms,
                       const websocket::EndpointOptions &options = {});

} // namespace godwit::chat
