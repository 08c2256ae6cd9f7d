// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// async_bench: what the parts of shared/async cost, alone and with all cores at one of them.
#include "shared/async/broadcast.h"
#include "shared/async/circuitbreaker.h"
#include "shared/async/faults.h"
#include "shared/async/ratelimiter.h"
#include "shared/async/shedder.h"
#include "shared/async/ttlcache.h"

#include <QCoreApplication>

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

void shedderBelowTarget(benchmark::State &state)
{
    static Shedder shedder({});
    for ([[maybe_unused]] const auto _ : state)
        benchmark::DoNotOptimize(shedder.admits(std::chrono::milliseconds(1), start));
}

/// Behind its lock.
void shedderAboveTarget(benchmark::State &state)
{
    static Shedder shedder({});
    TimePoint now = start;
    for ([[maybe_unused]] const auto _ : state) {
        now += std::chrono::microseconds(1);
        benchmark::DoNotOptimize(shedder.admits(std::chrono::milliseconds(8), now));
    }
}

void faultsSwitchedOff(benchmark::State &state)
{
    static Faults faults({});
    for ([[maybe_unused]] const auto _ : state)
        benchmark::DoNotOptimize(faults.isOn());
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

using StringCache = TtlCache<QString, QByteArray>;

StringCache &filledCache()
{
    static StringCache cache({});
    for (int i = 0; i < 1'000; ++i)
        cache.put(QString::number(i), QByteArray(100, 'x'));
    return cache;
}

QCoro::Task<Loaded<QByteArray>> noLoad()
{
    co_return std::nullopt;
}

/// As a handler does: the awaitable, and what it holds.
void cacheGet(benchmark::State &state, int keys)
{
    static StringCache &cache = filledCache();
    std::vector<QString> names;
    for (int i = 0; i < keys; ++i)
        names.push_back(QString::number((i + 37 * state.thread_index()) % keys));
    const Context context;
    size_t next = 0;
    for ([[maybe_unused]] const auto _ : state) {
        next = next + 1 == names.size() ? 0 : next + 1;
        auto lookup = cache.get(context, names[next], [](const Context &) { return noLoad(); });
        if (!lookup.await_ready())
            std::abort();
        benchmark::DoNotOptimize(lookup.await_resume());
    }
}
void cacheGetHit(benchmark::State &state)
{
    cacheGet(state, 500);
}
/// All threads at one key: one lock and one reference count for all.
void cacheGetOneKey(benchmark::State &state)
{
    cacheGet(state, 1);
}
void cacheFindMiss(benchmark::State &state)
{
    static StringCache &cache = filledCache();
    const QString absent = QStringLiteral("absent");
    for ([[maybe_unused]] const auto _ : state)
        benchmark::DoNotOptimize(cache.find(absent));
}
void cachePut(benchmark::State &state)
{
    static StringCache cache({ .entries = 1'000 });
    const QByteArray value(100, 'x');
    int i = state.thread_index() * 1'000'000;
    for ([[maybe_unused]] const auto _ : state)
        cache.put(QString::number(++i), value);
}

/// To so many receivers, which take it.
void broadcastSend(benchmark::State &state)
{
    Broadcast<QByteArray> channel(64);
    std::vector<Broadcast<QByteArray>::Receiver> receivers;
    for (int64_t i = 0; i < state.range(0); ++i)
        receivers.push_back(channel.subscribe());
    const QByteArray value(100, 'x');
    for ([[maybe_unused]] const auto _ : state) {
        channel.send(value);
        for (auto &receiver : receivers)
            benchmark::DoNotOptimize(receiver.tryReceive());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

} // namespace

BENCHMARK(broadcastSend)->Arg(1)->Arg(64);
BENCHMARK(cacheGetHit)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(cacheGetOneKey)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(cacheFindMiss)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(cachePut)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(rateLimiterTake)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(rateLimiterTakeOneKey)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(circuitBreakerCall)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(circuitBreakerRefusal)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(shedderBelowTarget)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(shedderAboveTarget)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(faultsSwitchedOff);

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv); // with a loop for what waits, in async_bench_waiting.cpp
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
