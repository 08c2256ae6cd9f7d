// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/metrics/latencybuckets.h"

#include <QByteArray>

#include <array>
#include <chrono>
#include <memory>
#include <vector>

namespace godwit::metrics {

/// What was counted of one route, or of all: a value.
struct HttpCounts
{
    std::array<quint64, 6> byClass{}; ///< answers by hundreds of the status: [2] is 2xx; [0] is whatever has none
    std::array<quint64, latencybuckets::count> byLatency{};
    quint64 nanoseconds = 0; ///< sum of the latencies

    quint64 requests() const;
    /// Answers of 500 and above: what is our fault, and not the client's.
    quint64 errors() const { return byClass[5]; }
    /// Latency below which @p share (0 to 1) of the answers stayed, linear within a bucket. NaN without answers.
    std::chrono::duration<double, std::milli> percentile(double share) const;
    /// Zero without answers.
    std::chrono::duration<double, std::milli> average() const;

    HttpCounts &operator+=(const HttpCounts &other);
    /// What was added since @p earlier.
    HttpCounts since(const HttpCounts &earlier) const;
};

/// Counts answers and their latencies by route. A request costs a few plain stores: each thread has counters of its own
/// that it alone writes (relaxed atomics, no lock, no read-modify-write), added up by whoever reads.
class HttpMetrics
{
public:
    struct Route
    {
        QByteArray method; ///< `GET`
        QByteArray pattern; ///< `/api/tasks/{id}`
    };

    HttpMetrics();
    ~HttpMetrics();

    /// By index of http::Route. Once, before the first record().
    void setRoutes(std::vector<Route> routes);
    /// Those that were set and, last, one with an empty method and pattern: requests that no route matched.
    const std::vector<Route> &routes() const { return m_routes; }

    /// Counts an answer. @p route is an index of setRoutes(), -1 where nothing matched. Any thread.
    void record(qsizetype route, int status, std::chrono::nanoseconds took);

    /// One entry a route, in the order of routes(). Any thread; consistent to within the answers of the same moment.
    std::vector<HttpCounts> snapshot() const;
    static HttpCounts total(const std::vector<HttpCounts> &snapshot);

private:
    struct Shard;
    struct Shards;
    Shard &shardOfThisThread();

    std::vector<Route> m_routes{ Route{} };
    std::unique_ptr<Shards> m_shards;
};

} // namespace godwit::metrics
