// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/context.h"
#include "shared/async/oneshot.h"

#include <QCoroTask>

#include <atomic>
#include <functional>
#include <optional>

namespace godwit::async {

/// Keeps retries from making an overload worse: each call earns a part of a retry, each retry costs a whole one. So a
/// service that is down gets, over time, that part more calls and not three times as many. As in Finagle and gRPC
/// ("retry throttling", gRFC A6). One for each service. Any thread, lock-free.
class RetryBudget
{
public:
    /// @param perCall retries that a call earns, in [0, 1]. @param most that can be saved up; as many are there at
    /// first.
    explicit RetryBudget(double perCall = 0.1, int most = 10);

    void earn();
    /// Whether there was one.
    bool spend();
    double available() const;

private:
    static constexpr int whole = 1'000;
    const int m_perCall, m_most; // in thousandths of a retry
    std::atomic<int> m_balance;
};

/// When and how often to try again.
struct RetryPolicy
{
    int attempts = 3; ///< with the first
    std::chrono::milliseconds firstDelay{ 100 }; ///< doubles with each retry
    std::chrono::milliseconds longestDelay{ 10'000 };
    RetryBudget *budget = nullptr; ///< not owned; null: no limit
    /// Whether another try may help. Only for work that may safely be done twice.
    std::function<bool(const Error &)> isRetryable = isPassing;
    /// Told before each wait, with what failed, the number of the attempt that did, and how long the wait will be.
    std::function<void(const Error &, int attempt, std::chrono::milliseconds delay)> onRetry{};

    /// In [0, 1), and the wait: what tests replace. By default the thread's generator and sleepFor().
    std::function<double()> random = systemRandom;
    std::function<OneShot<void>(const Context &, std::chrono::milliseconds)> sleep = systemSleep;

    /// Unavailable: the service said so itself, or could not be asked.
    static bool isPassing(const Error &error) { return error.code() == Error::Code::Unavailable; }
    static double systemRandom();
    static OneShot<void> systemSleep(const Context &context, std::chrono::milliseconds span);
};

/// How long to wait after attempt number @p attempt (from 1) failed with @p error: evenly spread over 0 to
/// firstDelay · 2^(attempt-1), at most longestDelay ("full jitter": AWS Architecture Blog, Exponential Backoff and
/// Jitter, 2015), and never less than the `retry_after` of whoever refused.
std::chrono::milliseconds retryDelay(const RetryPolicy &policy, int attempt, const Error &error);

/// The wait before another attempt, or nothing if @p error, which ended attempt number @p attempt, is to be the answer.
/// For those who cannot await retry() below. Spends of the policy's budget.
std::optional<std::chrono::milliseconds> nextTry(const Context &context, const RetryPolicy &policy, int attempt,
                                                 const Error &error);

/// Awaits `work(context)` until it succeeds; throws the last Error if it does not. Other exceptions pass at once. A
/// wait that would last beyond the context's deadline is not begun: the error is thrown while there is time to say it.
/// A token that fires during a wait ends it with the context's stopError().
///
///     const auto user = co_await retry(context, policy, [&pool, id](Context c) { return loadUser(pool, c, id); });
///
/// @param work is called once an attempt and kept until the end; it returns a QCoro::Task, and is not one itself.
template<class Work>
auto retry(Context context, RetryPolicy policy, Work work) -> std::invoke_result_t<Work &, const Context &>
{
    if (policy.budget)
        policy.budget->earn();
    for (int attempt = 1;; ++attempt) {
        std::optional<Error> failed;
        Branch branch;
        try {
            co_return co_await work(branch.begin(context, "attempt", "attempt", attempt));
        } catch (const Error &error) {
            branch.fail();
            failed = error; // nothing can be awaited in here
        }
        const auto delay = nextTry(context, policy, attempt, *failed);
        if (!delay)
            throw *failed;
        if (policy.onRetry)
            policy.onRetry(*failed, attempt, *delay);
        const Span pause(context.trace, "backoff");
        OneShot<void> wait = policy.sleep(context, *delay);
        co_await std::move(wait);
    }
}

} // namespace godwit::async
