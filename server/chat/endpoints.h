// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/chat/chat.h"
#include "server/http/router.h"

namespace godwit::chat {

/// `/ws/chat`, GET /api/rooms and /api/rooms/{room}/messages. What is given outlives the router.
/// @param limiter of what a user sends over WebSockets; null: none.
void registerEndpoints(http::Router &router, Service &service, std::shared_ptr<LiveRooms> rooms,
                       async::RateLimiter *limiter = nullptr, websocket::EndpointOptions options = {});

} // namespace godwit::chat
