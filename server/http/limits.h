// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <chrono>

namespace godwit::http {

/// What a connection may cost. Defaults of the contract; zero switches a timeout off.
struct Limits
{
    qsizetype requestLineBytes = 8 * 1024; ///< 414 beyond
    qsizetype headBytes = 32 * 1024; ///< 431 beyond; also trailers
    int headers = 100; ///< 431 beyond
    qint64 bodyBytes = 8 * 1024 * 1024; ///< 413 beyond; a route may have its own
    qint64 outputBytes = 8 * 1024 * 1024; ///< of a WebSocket, not yet taken by the client: cut off beyond
    std::chrono::milliseconds headTimeout{ 10'000 }; ///< from a request's first byte to the end of its head: 408
    /// From the end of the head to the end of the body: 408. For each 16 KiB of one that is streamed to its handler.
    std::chrono::milliseconds bodyTimeout{ 30'000 };
    std::chrono::milliseconds idleTimeout{ 60'000 }; ///< between requests: closed without a word
    std::chrono::milliseconds writeTimeout{ 30'000 }; ///< without a byte taken by a client that owes us reading: closed
    std::chrono::milliseconds handshakeTimeout{ 10'000 }; ///< TLS
    int requestsPerConnection = 100'000; ///< then `Connection: close`
    int connections = 16'384; ///< of the whole server; beyond: accepted and closed
    int connectionsPerAddress = 256; ///< zero: no limit
};

} // namespace godwit::http
