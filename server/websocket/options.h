// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

#include <chrono>

namespace godwit::websocket {

/// What happens to a connection whose client does not keep up.
enum class Overflow {
    CloseTryAgainLater, ///< chat: closed with 1013; the client recovers from the log
    KeepNewest, ///< live values: what waits is replaced by what is newer
};

/// What one route of WebSockets accepts, and what a connection there may cost. Defaults of the contract.
struct EndpointOptions
{
    QStringList subprotocols{}; ///< the first that the client offers too is chosen; empty: none is
    qint64 frameBytes = 64 * 1024; ///< incoming; 1009 beyond
    qint64 messageBytes = 256 * 1024; ///< incoming, all fragments; 1009 beyond
    /// Of what the client has not taken yet; a batch that finds more waiting is not queued. So a connection holds at
    /// most this and one batch.
    qint64 queueBytes = 1024 * 1024;
    Overflow overflow = Overflow::CloseTryAgainLater;
    std::chrono::milliseconds pingInterval{ 20'000 };
    int missedPings = 2; ///< unanswered ones after which the peer is given up
    std::chrono::milliseconds closeTimeout{ 5'000 }; ///< from close() until the connection is ended without the peer
};

} // namespace godwit::websocket
