// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <chrono>

namespace godwit::outbound {

/// `[outbound]`: of the requests that the server itself makes. Defaults of the contract.
struct Options
{
    QStringList allow{}; ///< networks (CIDR) and host names beyond the public internet; see AddressPolicy
    int connectionsPerHost = 10; ///< requests in flight, so connections; 1 to 12 (6 a thread: Qt's limit)
    std::chrono::milliseconds idleTimeout{ 30'000 }; ///< of a host's connections, after its last request; whole seconds
    std::chrono::milliseconds timeout{ 30'000 }; ///< of one attempt, from its begin to the last byte of its body
    std::chrono::milliseconds connectTimeout{ 10'000 }; ///< to find the address; and to connect, TLS included
    qint64 bodyBytes = 64 * 1024 * 1024; ///< of a decoded body, the most that a request may ask for
    int redirects = 5; ///< that are followed
    int concurrency = 100; ///< requests at a time, of all hosts
    int queue = 1'000; ///< that wait for their turn, and as many again for each host; beyond: Error::Unavailable
    int attempts = 3; ///< with the first, of what may be repeated
    std::chrono::milliseconds retryDelay{ 100 }; ///< doubles, with full jitter
    int breakerFailures = 5; ///< in a row that open a host's breaker
    std::chrono::milliseconds breakerOpen{ 30'000 }; ///< before it is tried
    QString caFile{}; ///< PEM: authorities that are believed besides the system's
    QByteArray userAgent = QByteArrayLiteral("godwit"); ///< not in the configuration
};

/// `[webhooks]`: off without a URL.
struct WebhookOptions
{
    QString url{};
    QString secret{}; ///< of the signature; always there where there is a URL
    QStringList events{ QStringLiteral("task.completed"), QStringLiteral("task.failed"), QStringLiteral("alert.firing"),
                        QStringLiteral("alert.resolved") };
    int queue = 1'000; ///< events that wait; beyond: dropped, counted and logged
    int concurrency = 4; ///< events at a time; not in the configuration
    int attempts = 6; ///< with the first
    std::chrono::milliseconds retryDelay{ 1'000 }; ///< doubles, with full jitter
    std::chrono::milliseconds longestDelay{ 60'000 }; ///< not in the configuration
    std::chrono::milliseconds drainTimeout{ 5'000 }; ///< for a last try of each at shutdown; not in the configuration

    bool isEnabled() const { return !url.isEmpty(); }
};

/// `[traces] otlp_...`: off without an endpoint.
struct TraceExportOptions
{
    QString endpoint{}; ///< URL
    QStringList headers{}; ///< `name=value`
    QString service = QStringLiteral("godwit"); ///< service.name
    int queue = 2'048; ///< requests that wait; beyond: dropped and counted
    int batchSpans = 512; ///< so many are sent at once, without waiting for the interval; not in the configuration
    std::chrono::milliseconds interval{ 5'000 };
    int attempts = 6; ///< with the first, of a batch; not in the configuration
    std::chrono::milliseconds retryDelay{ 1'000 }; ///< doubles, with full jitter; not in the configuration
    std::chrono::milliseconds longestDelay{ 30'000 }; ///< not in the configuration
    std::chrono::milliseconds timeout{ 10'000 }; ///< of an attempt; not in the configuration
    std::chrono::milliseconds drainTimeout{ 5'000 }; ///< of an attempt during a drain; not in the configuration

    bool isEnabled() const { return !endpoint.isEmpty(); }
};

} // namespace godwit::outbound
