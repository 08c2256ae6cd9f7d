// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/metrics/inspectable.h"
#include "shared/async/bulkhead.h"
#include "shared/async/circuitbreaker.h"
#include "shared/async/faults.h"
#include "shared/async/ratelimiter.h"
#include "shared/async/retry.h"
#include "shared/async/shedder.h"
#include "shared/async/ttlcache.h"

/// How the parts of the toolkit look in the engine room. Each must outlive its registration.
namespace godwit::metrics {

/// Actions: `trip`, `reset`.
Inspectable inspectable(async::CircuitBreaker &breaker, const Clock &clock = Clock::system());
Inspectable inspectable(const async::RateLimiter &limiter);
Inspectable inspectable(const async::Bulkhead &bulkhead);
Inspectable inspectable(const async::Shedder &shedder);
/// Action: `stop`.
Inspectable inspectable(async::Faults &faults);
Inspectable inspectable(const async::RetryBudget &budget, const QString &name);

/// Of what has a `flush`: a cache. @p figures fills in state and figures.
Inspectable inspectableCache(const QString &name, std::function<void(protocol::RuntimePart &)> figures,
                             std::function<void()> flush);

/// As the API tells durations.
double seconds(std::chrono::nanoseconds span);

/// Action: `flush`.
template<class Key, class Value>
Inspectable inspectable(async::TtlCache<Key, Value> &cache)
{
    const auto inspect = [&cache](protocol::RuntimePart &part) {
        const auto figures = cache.figures();
        const auto &options = cache.options();
        part.state = figures.loading > 0 ? QStringLiteral("loading") : QStringLiteral("idle");
        part.figures = { { QStringLiteral("entries"), qint64(figures.entries) },
                         { QStringLiteral("bytes"), qint64(figures.bytes) },
                         { QStringLiteral("loading"), qint64(figures.loading) },
                         { QStringLiteral("hits"), figures.hits },
                         { QStringLiteral("stale"), figures.stale },
                         { QStringLiteral("misses"), figures.misses },
                         { QStringLiteral("loads"), figures.loads },
                         { QStringLiteral("evictions"), figures.evictions },
                         { QStringLiteral("expirations"), figures.expirations } };
        part.limits = { { QStringLiteral("entries"), qint64(options.entries) },
                        { QStringLiteral("bytes"), qint64(options.bytes) },
                        { QStringLiteral("time_to_live"), seconds(options.timeToLive) },
                        { QStringLiteral("stale_for"), seconds(options.staleFor) } };
    };
    return inspectableCache(cache.options().name, inspect, [&cache] { cache.clear(); });
}

} // namespace godwit::metrics
