// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/guard.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::db {

static TimePoint now()
{
    return std::chrono::steady_clock::now();
}

Guard::Guard(const Options &options, async::Faults *faults)
    : breaker({ .name = u"database"_s, .failures = options.breakerFailures, .openFor = options.breakerOpenFor }),
      shedder({ .name = u"database readers"_s,
                .target = options.sheddingTarget,
                .interval = options.sheddingInterval,
                .longest = 2 * options.sheddingTarget }),
      m_sheds(options.sheddingTarget > 0ms),
      m_faults(faults)
{
    m_policy.budget = &budget;
    // What one of our own has refused is not asked for again: that would add to what it is refused for.
    m_policy.isRetryable
        = [](const Error &error) { return error.code() == Error::Code::Unavailable && !error.decider(); };
}

std::optional<Error> Guard::enter(Pass &pass)
{
    pass.since = now();
    auto permit = breaker.acquire(pass.since);
    if (!permit)
        return permit.error();
    pass.permit.emplace(std::move(*permit));
    if (pass.isRepeatable && pass.attempt == 1)
        budget.earn();
    return {};
}

void Guard::shed(const Pass &pass)
{
    if (!m_sheds || !pass.permit)
        return;
    const TimePoint time = now();
    orThrow(shedder.admit(time - pass.since, time));
}

void Guard::suffer(const async::Context &context, const std::atomic<bool> &abort)
{
    if (m_faults && m_faults->isOn() && concerns(context)) [[unlikely]]
        m_faults->sufferBlocking(context, abort);
}

void Guard::succeeded(Pass &pass)
{
    if (!pass.permit)
        return;
    pass.permit->report(async::CircuitBreaker::Outcome::Success, now());
    pass.permit.reset();
}

/// An Internal may be a fault of ours: one broken endpoint must not shut the others out. A deadline that passes while
/// the job is run is the database's: it was asked, and did not answer in time.
static bool isItsFault(const Error &error, bool hadOutage)
{
    switch (error.code()) {
    case Error::Code::Unavailable:
    case Error::Code::DeadlineExceeded:
        return true;
    default:
        return hadOutage;
    }
}

void Guard::failed(Pass &pass, const Error &error, bool hadOutage)
{
    using Outcome = async::CircuitBreaker::Outcome;
    if (!pass.permit)
        return;
    if (error.code() != Error::Code::Cancelled) // a client that has left says nothing of it
        pass.permit->report(isItsFault(error, hadOutage) ? Outcome::Failure : Outcome::Success, now());
    pass.permit.reset();
}

std::optional<std::chrono::milliseconds> Guard::retryAfter(const Pass &pass, const async::Context &context,
                                                           const Error &error)
{
    if (!pass.isRepeatable)
        return {};
    return async::nextTry(context, m_policy, pass.attempt, error);
}

} // namespace godwit::db
