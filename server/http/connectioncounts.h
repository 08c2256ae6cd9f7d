// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/limits.h"

#include <QHash>
#include <QHostAddress>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

namespace godwit::http {

/// How many connections a server has, together and by address. Shared by all its reactors: a counter without a lock,
/// and a table in shards behind short locks, taken once at the begin and once at the end of a connection.
class ConnectionCounts : public std::enable_shared_from_this<ConnectionCounts>
{
public:
    /// One counted connection; counts down when it ends.
    class Lease
    {
    public:
        Lease(Lease &&other) noexcept = default;
        Lease &operator=(Lease &&other) = delete;
        ~Lease();

    private:
        friend class ConnectionCounts;
        Lease(std::shared_ptr<ConnectionCounts> counts, std::optional<quint64> key);
        std::shared_ptr<ConnectionCounts> m_counts; // shared by the listeners and by each connection
        std::optional<quint64> m_key;
    };

    /// Nothing where one more would be too many. A null @p address (Unix sockets, trusted proxies) counts in the total
    /// only.
    std::optional<Lease> tryAdd(const QHostAddress &address, const Limits &limits);

    int total() const { return m_total.load(std::memory_order_relaxed); }
    quint64 refused() const { return m_refused.load(std::memory_order_relaxed); }

    /// What a connection sent was no valid HTTP, too large or too slow: no handler has seen it.
    void countRefusedRequest() { m_refusedRequests.fetch_add(1, std::memory_order_relaxed); }
    quint64 refusedRequests() const { return m_refusedRequests.load(std::memory_order_relaxed); }

private:
    struct Shard
    {
        std::mutex mutex;
        QHash<quint64, int> counts;
    };
    Shard &shardOf(quint64 key) { return m_shards[key % m_shards.size()]; }

    std::atomic<int> m_total{ 0 };
    std::atomic<quint64> m_refused{ 0 };
    std::atomic<quint64> m_refusedRequests{ 0 };
    std::array<Shard, 16> m_shards;
};

} // namespace godwit::http
