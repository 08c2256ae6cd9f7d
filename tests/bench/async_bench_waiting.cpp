// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What waiting costs: the parts of shared/async that a coroutine awaits.
#include "shared/async/bulkhead.h"
#include "shared/async/gather.h"
#include "shared/async/oneshot.h"
#include "shared/async/retry.h"
#include "shared/async/sleep.h"
#include "shared/async/timeout.h"

#include <QCoreApplication>

#include <benchmark/benchmark.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

using namespace godwit;
using namespace godwit::async;

namespace {

QCoro::Task<int> ready(Context)
{
    co_return 42;
}

/// A coroutine that does one thing over and over, so that its own start is not counted.
template<class Part>
QCoro::Task<> repeat(benchmark::State &state, Part part)
{
    for ([[maybe_unused]] const auto _ : state)
        co_await part();
}

void awaitReadyTask(benchmark::State &state)
{
    repeat(state, [] { return ready({}); });
}

void retryFirstSuccess(benchmark::State &state)
{
    static RetryBudget budget;
    repeat(state, [] {
        RetryPolicy policy;
        policy.budget = &budget;
        return retry(Context{}, policy, ready);
    });
}

void gatherEight(benchmark::State &state)
{
    repeat(state, [] { return gather(Context{}, ready, ready, ready, ready, ready, ready, ready, ready); });
}

void tryGatherEight(benchmark::State &state)
{
    repeat(state, [] { return tryGather(Context{}, ready, ready, ready, ready, ready, ready, ready, ready); });
}

QCoro::Task<int> readyItem(const Context &, int)
{
    co_return 42;
}

void forEachConcurrentOfThousand(benchmark::State &state)
{
    const std::vector<int> items(1'000);
    repeat(state, [&items] { return forEachConcurrent(Context{}, items, readyItem); });
    state.SetItemsProcessed(state.iterations() * 1'000);
}

/// Place and permit, nobody waits.
void bulkheadAcquire(benchmark::State &state)
{
    static Bulkhead bulkhead({ .concurrency = 100 });
    const Context context;
    for ([[maybe_unused]] const auto _ : state) {
        OneShot<Bulkhead::Permit> place = bulkhead.acquire(context);
        const auto permit = place.await_resume(); // has finished
    }
}

void bulkheadRefusal(benchmark::State &state)
{
    static Bulkhead bulkhead({ .concurrency = 0, .queue = 0 });
    static const auto taken = bulkhead.acquire({}).await_resume(); // at least one is
    const Context context;
    for ([[maybe_unused]] const auto _ : state)
        benchmark::DoNotOptimize(bulkhead.acquire(context).isFinished());
}

/// So many at a time wait; the loop turns until all have been resumed.
constexpr int waiting = 64;

QCoro::Task<> waitFor(OneShot<int> result, int &resumed)
{
    benchmark::DoNotOptimize(co_await std::move(result));
    ++resumed;
}

QCoro::Task<> sleep(std::chrono::milliseconds span, int &resumed)
{
    OneShot<void> wait = sleepFor({}, span);
    co_await std::move(wait);
    ++resumed;
}

void turnUntil(const int &resumed, int all)
{
    while (resumed < all)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
}

/// Finishes what it is given: a pool of one thread.
class Worker
{
public:
    using Finishers = std::vector<OneShot<int>::Finisher>;

    void give(Finishers finishers)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_given = std::move(finishers);
        }
        m_wake.notify_one();
    }
    ~Worker()
    {
        m_thread.request_stop();
        m_wake.notify_one();
    }

private:
    void run(const std::stop_token &stop)
    {
        std::unique_lock lock(m_mutex);
        while (m_wake.wait(lock, stop, [this] { return !m_given.empty(); })) {
            Finishers mine = std::exchange(m_given, {});
            lock.unlock();
            for (auto &finisher : mine)
                finisher.set(42);
            lock.lock();
        }
    }

    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    Finishers m_given;
    std::jthread m_thread{ [this](const std::stop_token &stop) { run(stop); } };
};

/// CPU of both threads together, for 64.
void oneShotAcrossThreads(benchmark::State &state)
{
    Worker worker;
    for ([[maybe_unused]] const auto _ : state) {
        int resumed = 0;
        Worker::Finishers finishers;
        for (int i = 0; i < waiting; ++i) {
            auto [finisher, result] = oneShot<int>();
            waitFor(std::move(result), resumed);
            finishers.push_back(std::move(finisher));
        }
        worker.give(std::move(finishers));
        turnUntil(resumed, waiting);
    }
    state.SetItemsProcessed(state.iterations() * waiting);
}

void oneShotFinishedAlready(benchmark::State &state)
{
    for ([[maybe_unused]] const auto _ : state) {
        auto [finisher, result] = oneShot<int>();
        finisher.set(42);
        int resumed = 0;
        waitFor(std::move(result), resumed);
    }
}

/// 64 that end at once: what a sleep costs but its time.
void sleepForNoTime(benchmark::State &state)
{
    for ([[maybe_unused]] const auto _ : state) {
        int resumed = 0;
        for (int i = 0; i < waiting; ++i)
            sleep(std::chrono::milliseconds(0), resumed);
        turnUntil(resumed, waiting);
    }
    state.SetItemsProcessed(state.iterations() * waiting);
}

QCoro::Task<> inTime(int &resumed)
{
    using namespace std::chrono_literals;
    QCoro::Task<int> work = withTimeout(Context{}, 10s, QString(), ready);
    benchmark::DoNotOptimize(co_await work);
    ++resumed;
}

/// Begins a timer and ends it; the loop turns once for 64, so that what was ended goes.
void withTimeoutInTime(benchmark::State &state)
{
    for ([[maybe_unused]] const auto _ : state) {
        int resumed = 0;
        for (int i = 0; i < waiting; ++i)
            inTime(resumed);
        turnUntil(resumed, waiting);
        QCoreApplication::processEvents();
    }
    state.SetItemsProcessed(state.iterations() * waiting);
}

} // namespace

BENCHMARK(awaitReadyTask);
BENCHMARK(retryFirstSuccess);
BENCHMARK(gatherEight);
BENCHMARK(tryGatherEight);
BENCHMARK(forEachConcurrentOfThousand);
BENCHMARK(withTimeoutInTime);
BENCHMARK(bulkheadAcquire)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(bulkheadRefusal)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(oneShotFinishedAlready);
BENCHMARK(oneShotAcrossThreads)->MeasureProcessCPUTime();
BENCHMARK(sleepForNoTime);
