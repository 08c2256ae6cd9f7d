// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/httpmetrics.h"

#include <atomic>
#include <limits>
#include <map>
#include <mutex>
#include <numeric>
#include <thread>

namespace godwit::metrics {

namespace {

/// Written by one thread, read by any: a load and a store, not a locked increment.
class OwnedCounter
{
public:
    void add(quint64 amount)
    {
        m_value.store(m_value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    quint64 value() const { return m_value.load(std::memory_order_relaxed); }

private:
    std::atomic<quint64> m_value{ 0 };
};

struct RouteCounters
{
    std::array<OwnedCounter, 6> byClass;
    OwnedCounter nanoseconds;
    std::array<OwnedCounter, latencybuckets::count> byLatency;
};

std::atomic<quint64> nextSerial{ 1 };

} // namespace

/// A thread's counters; on cache lines of their own, so that two threads never write to the same.
struct alignas(64) HttpMetrics::Shard
{
    explicit Shard(size_t routes) : byRoute(routes) { }
    std::vector<RouteCounters> byRoute;
};

/// Those of all threads that have recorded; a thread that has ended leaves its counts behind.
struct HttpMetrics::Shards
{
    const quint64 serial = nextSerial.fetch_add(1); // never used again, unlike an address
    mutable std::mutex mutex;
    std::map<std::thread::id, std::unique_ptr<Shard>> byThread;
};

quint64 HttpCounts::requests() const
{
    return std::accumulate(byClass.begin(), byClass.end(), quint64(0));
}

std::chrono::duration<double, std::milli> HttpCounts::percentile(double share) const
{
    constexpr std::chrono::duration<double, std::milli> none(std::numeric_limits<double>::quiet_NaN());
    const double total = double(std::accumulate(byLatency.begin(), byLatency.end(), quint64(0)));
    if (total <= 0)
        return none;
    const double wanted = std::clamp(share, 0.0, 1.0) * total;
    double below = 0;
    for (size_t bucket = 0; bucket < byLatency.size(); ++bucket) {
        const double here = double(byLatency[bucket]);
        if (here > 0 && below + here >= wanted) {
            const double from = double(latencybuckets::lowerBound(bucket));
            const double to = double(latencybuckets::lowerBound(bucket + 1));
            return std::chrono::duration<double, std::micro>(from + (to - from) * (wanted - below) / here);
        }
        below += here;
    }
    return none;
}

std::chrono::duration<double, std::milli> HttpCounts::average() const
{
    const quint64 count = requests();
    return count ? std::chrono::duration<double, std::nano>(double(nanoseconds) / double(count))
                 : std::chrono::duration<double, std::nano>(0);
}

HttpCounts &HttpCounts::operator+=(const HttpCounts &other)
{
    for (size_t i = 0; i < byClass.size(); ++i)
        byClass[i] += other.byClass[i];
    for (size_t i = 0; i < byLatency.size(); ++i)
        byLatency[i] += other.byLatency[i];
    nanoseconds += other.nanoseconds;
    return *this;
}

HttpCounts HttpCounts::since(const HttpCounts &earlier) const
{
    HttpCounts difference = *this;
    for (size_t i = 0; i < byClass.size(); ++i)
        difference.byClass[i] -= earlier.byClass[i];
    for (size_t i = 0; i < byLatency.size(); ++i)
        difference.byLatency[i] -= earlier.byLatency[i];
    difference.nanoseconds -= earlier.nanoseconds;
    return difference;
}

HttpMetrics::HttpMetrics() : m_shards(std::make_unique<Shards>()) { }
HttpMetrics::~HttpMetrics() = default;

void HttpMetrics::setRoutes(std::vector<Route> routes)
{
    Q_ASSERT_X(m_shards->byThread.empty(), "HttpMetrics::setRoutes", "answers have been recorded already");
    m_routes = std::move(routes);
    m_routes.emplace_back();
}

HttpMetrics::Shard &HttpMetrics::shardOfThisThread()
{
    struct Mine
    {
        quint64 serial = 0;
        Shard *shard = nullptr;
    };
    static thread_local Mine mine;
    if (mine.serial == m_shards->serial) [[likely]] {
        Q_ASSERT(mine.shard); // they are set together, and no object has the serial 0
        return *mine.shard;
    }

    const std::lock_guard lock(m_shards->mutex);
    auto &shard = m_shards->byThread[std::this_thread::get_id()];
    if (!shard)
        shard = std::make_unique<Shard>(m_routes.size());
    mine = { m_shards->serial, shard.get() };
    return *shard;
}

void HttpMetrics::record(qsizetype route, int status, std::chrono::nanoseconds took)
{
    auto &byRoute = shardOfThisThread().byRoute;
    const auto index = std::min(size_t(route), byRoute.size() - 1); // -1 becomes the last: nothing matched
    RouteCounters &counters = byRoute[index];
    const quint64 nanoseconds = took.count() > 0 ? quint64(took.count()) : 0;
    const int statusClass = status / 100;
    counters.byClass[statusClass >= 1 && statusClass <= 5 ? size_t(statusClass) : 0].add(1);
    counters.nanoseconds.add(nanoseconds);
    counters.byLatency[latencybuckets::bucketOf(nanoseconds / 1000)].add(1);
}

std::vector<HttpCounts> HttpMetrics::snapshot() const
{
    std::vector<HttpCounts> sum(m_routes.size());
    const std::lock_guard lock(m_shards->mutex);
    for (const auto &[thread, shard] : m_shards->byThread) {
        for (size_t route = 0; route < sum.size(); ++route) {
            const RouteCounters &counters = shard->byRoute[route];
            for (size_t i = 0; i < counters.byClass.size(); ++i)
                sum[route].byClass[i] += counters.byClass[i].value();
            for (size_t i = 0; i < counters.byLatency.size(); ++i)
                sum[route].byLatency[i] += counters.byLatency[i].value();
            sum[route].nanoseconds += counters.nanoseconds.value();
        }
    }
    return sum;
}

HttpCounts HttpMetrics::total(const std::vector<HttpCounts> &snapshot)
{
    HttpCounts total;
    for (const HttpCounts &route : snapshot)
        total += route;
    return total;
}

} // namespace godwit::metrics
