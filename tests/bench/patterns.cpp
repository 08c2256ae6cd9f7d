// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// patterns: why async pays. The same work, units of 100 ms in which somebody else is waited for, done in several ways;
// each a line of a Markdown table with the time that it took and the most threads that there were meanwhile.
#include "shared/async/circuitbreaker.h"
#include "shared/async/gather.h"
#include "shared/async/sleep.h"
#include "shared/async/timeout.h"
#include "shared/async/ttlcache.h"

#include <QCoreApplication>
#include <QCoroTask>
#include <QDir>

#include <cstdio>
#include <thread>

using namespace godwit;
using namespace godwit::async;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr auto unit = 100ms;

/// Of this process; looked at while the work is under way.
class Threads
{
public:
    static void look()
    {
        const int now = int(QDir(u"/proc/self/task"_s).entryList(QDir::Dirs | QDir::NoDotAndDotDot).size());
        most = std::max(most, now);
    }
    static inline int most = 1;
};

/// Holds its thread.
void workBlocking()
{
    std::this_thread::sleep_for(unit);
}

/// Holds no thread.
QCoro::Task<int> work(Context context)
{
    OneShot<void> wait = sleepFor(context, unit);
    co_await std::move(wait);
    co_return 42;
}

QCoro::Task<int> workOn(const Context &context, int)
{
    return work(context);
}

QCoro::Task<> oneAfterTheOther(int units)
{
    for (int i = 0; i < units; ++i)
        co_await work({});
    Threads::look();
}

QCoro::Task<> together(int units, int atATime)
{
    const std::vector<int> items(static_cast<size_t>(units));
    ForEachOptions<int> options{ .concurrency = atATime };
    options.onEach = [left = units](size_t, const Result<int> &) mutable {
        if (--left == 0)
            Threads::look();
    };
    QCoro::Task<std::vector<Result<int>>> all = forEachConcurrent(Context{}, items, workOn, options);
    co_await all;
}

void threadEach(int units)
{
    std::vector<std::jthread> threads;
    for (int i = 0; i < units; ++i)
        threads.emplace_back(workBlocking);
    Threads::look();
}

using Cache = TtlCache<QString, int>;

QCoro::Task<Loaded<int>> load(Context context, int &loads)
{
    ++loads;
    co_return co_await work(context);
}

QCoro::Task<int> lookUp(Cache &cache, int &loads)
{
    auto lookup = cache.get(Context{}, u"key"_s, [&loads](const Context &c) { return load(c, loads); });
    const auto answer = co_await std::move(lookup);
    co_return *answer.value;
}

QCoro::Task<> askCache(Cache &cache, int &loads, int times)
{
    const std::vector<int> items(static_cast<size_t>(times));
    const auto one = [&](const Context &, int) { return lookUp(cache, loads); };
    QCoro::Task<std::vector<Result<int>>> all
        = forEachConcurrent(Context{}, items, one, ForEachOptions<int>{ .concurrency = times });
    co_await all;
    Threads::look();
}

/// A service that does not answer any more.
QCoro::Task<int> hang(Context context)
{
    OneShot<void> wait = sleepFor(context, 1h);
    co_await std::move(wait);
    co_return 42;
}

/// Asks it that often, one after the other, and waits a unit each time.
QCoro::Task<> askDead(int times, CircuitBreaker *breaker)
{
    for (int i = 0; i < times; ++i) {
        const auto now = [] { return std::chrono::steady_clock::now(); };
        auto permit = breaker ? breaker->acquire(now()) : Result<CircuitBreaker::Permit>(Failure(Error::cancelled()));
        if (breaker && !permit)
            continue; // refused at once
        bool failed = false;
        try {
            QCoro::Task<int> asked = withTimeout(Context{}, unit, u"service"_s, hang);
            co_await asked;
        } catch (const Error &) {
            failed = true;
        }
        if (permit)
            permit->report(failed ? CircuitBreaker::Outcome::Failure : CircuitBreaker::Outcome::Success, now());
    }
    Threads::look();
}

template<class Run>
void row(const char *what, const char *units, Run run)
{
    Threads::most = 1;
    const auto begun = std::chrono::steady_clock::now();
    if constexpr (std::is_void_v<std::invoke_result_t<Run &>>)
        run();
    else
        QCoro::waitFor(run());
    const double milliseconds
        = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count();
    std::printf("| %s | %s | %.0f ms | %d |\n", what, units, milliseconds, Threads::most);
    std::fflush(stdout);
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    std::printf("| pattern | units of 100 ms | time | threads |\n|---|---|---:|---:|\n");
    row("blocking, one after the other", "5", [] {
        for (int i = 0; i < 5; ++i)
            workBlocking();
        Threads::look();
    });
    row("blocking, a thread each", "1,000", [] { threadEach(1'000); });
    row("async, one after the other", "5", [] { return oneAfterTheOther(5); });
    row("async, together", "5", [] { return together(5, 5); });
    row("async, together", "1,000", [] { return together(1'000, 1'000); });
    row("async, 50 at a time (`forEachConcurrent`)", "1,000", [] { return together(1'000, 50); });

    Cache cache({});
    int loads = 0;
    row("cache, asked together: one load (`TtlCache`)", "1,000 for one key",
        [&] { return askCache(cache, loads, 1'000); });
    row("cache, asked again", "1,000 for one key", [&] { return askCache(cache, loads, 1'000); });
    if (loads != 1) {
        std::fprintf(stderr, "the cache loaded %d times\n", loads);
        return 1;
    }
    row("a service that hangs, waited for each time (`withTimeout`)", "20", [] { return askDead(20, nullptr); });
    CircuitBreaker breaker({ .name = u"service"_s });
    row("the same behind a breaker (`CircuitBreaker`)", "20", [&] { return askDead(20, &breaker); });
}
