// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// async_bench: what the parts of shared/async cost, alone and with all cores at one of them.
#include "shared/async/circuitbreaker.h"
#include "shared/async/ratelimiter.h"

#include <benchmark/benchmark.h>

using namespace godwit;
using namespace godwit::async;

namespace {

const TimePoint start{ std::chrono::hours(1) };

/// One key a thread.
void rateLimiterTake(benchmark::State &state)
{
    static RateLimiter limiter({ .perSecond = 1e6, .burst = 100 });
    const QByteArray key = "192.0.2." + QByteArray::number(state.thread_index());
    TimePoint now = start;
    for ([[maybe_unused]] const auto _ : state) {
        now += std::chrono::microseconds(1);
        benchmark::DoNotOptimize(limiter.take(key, now));
    }
}

/// All threads at one key: one lock for all.
void rateLimiterTakeOneKey(benchmark::State &state)
{
    static RateLimiter limiter({ .perSecond = 1e6, .burst = 100 });
    TimePoint now = start;
    for ([[maybe_unused]] const auto _ : state) {
        now += std::chrono::microseconds(1);
        benchmark::DoNotOptimize(limiter.take("192.0.2.1", now));
    }
}

void circuitBreakerCall(benchmark::State &state)
{
    static CircuitBreaker breaker({});
    for ([[maybe_unused]] const auto _ : state) {
        auto permit = breaker.acquire(start);
        permit->report(CircuitBreaker::Outcome::Success, start);
    }
}

void circuitBreakerRefusal(benchmark::State &state)
{
    static CircuitBreaker breaker({});
    breaker.trip();
    for ([[maybe_unused]] const auto _ : state)
        benchmark::DoNotOptimize(breaker.acquire(start));
}

} // namespace

BENCHMARK(rateLimiterTake)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(rateLimiterTakeOneKey)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(circuitBreakerCall)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(circuitBreakerRefusal)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK_MAIN();
