// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/chat/liverooms.h"
#include "server/chat/service.h"
#include "server/websocket/wsendpoint.h"
#include "shared/async/ratelimiter.h"

namespace godwit::chat {

/// What all connections of `/ws/chat` work with. Shared by the routes and the connections.
struct Chat
{
    Service &service;
    const std::shared_ptr<LiveRooms> rooms; // shared with topics' listeners
    async::RateLimiter *const limiter; ///< of what a user sends; null: none
    const websocket::EndpointOptions options;
};

/// A client that sends faster than the disk takes, or than it may, is not read from while so many of its messages are
/// under way.
inline constexpr int maxInFlight = 64;

/// By what a user is held to a rate: the id of one of ours, else the name.
inline QByteArray limiterKey(const protocol::Principal &user)
{
    return user.userId > 0 ? QByteArray::number(user.userId) : QByteArray("name:" + user.name.toUtf8());
}

} // namespace godwit::chat
