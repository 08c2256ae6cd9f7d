// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/retry.h"

#include "shared/async/sleep.h"

#include <QRandomGenerator>

#include <algorithm>
#include <cmath>

namespace godwit::async {

RetryBudget::RetryBudget(double perCall, int most)
    : m_perCall(int(std::lround(std::clamp(perCall, 0.0, 1.0) * whole))),
      m_most(std::clamp(most, 0, 1'000'000) * whole),
      m_balance(m_most)
{
}

void RetryBudget::earn()
{
    int balance = m_balance.load(std::memory_order_relaxed);
    while (balance < m_most
           && !m_balance.compare_exchange_weak(balance, std::min(m_most, balance + m_perCall),
                                               std::memory_order_relaxed)) { }
}

bool RetryBudget::spend()
{
    int balance = m_balance.load(std::memory_order_relaxed);
    while (balance >= whole) {
        if (m_balance.compare_exchange_weak(balance, balance - whole, std::memory_order_relaxed))
            return true;
    }
    return false;
}

double RetryBudget::available() const
{
    return double(m_balance.load(std::memory_order_relaxed)) / whole;
}

double RetryPolicy::systemRandom()
{
    return QRandomGenerator::global()->generateDouble();
}

OneShot<void> RetryPolicy::systemSleep(const Context &context, std::chrono::milliseconds span)
{
    return sleepFor(context, span);
}

std::chrono::milliseconds retryDelay(const RetryPolicy &policy, int attempt, const Error &error)
{
    const int doublings = std::clamp(attempt - 1, 0, 30); // beyond, any delay is the longest
    const std::chrono::milliseconds first
        = std::clamp(policy.firstDelay, std::chrono::milliseconds(0), policy.longestDelay);
    const auto longest = std::min<std::chrono::milliseconds>(policy.longestDelay, first * (1LL << doublings));
    const std::chrono::milliseconds jittered(std::llround(policy.random() * double(longest.count())));
    const Decider *const decider = error.decider();
    return decider ? std::max(jittered, decider->retryAfter) : jittered;
}

std::optional<std::chrono::milliseconds> nextTry(const Context &context, const RetryPolicy &policy, int attempt,
                                                 const Error &error)
{
    if (attempt >= policy.attempts || context.isStopped() || !policy.isRetryable(error))
        return {};
    const std::chrono::milliseconds delay = retryDelay(policy, attempt, error);
    if (delay >= context.deadline.remaining())
        return {};
    if (policy.budget && !policy.budget->spend())
        return {};
    return delay;
}

} // namespace godwit::async
