// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/circuitbreaker.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::async {

/// Of the calls that the rate is taken of; the oldest go first, however short the window was.
static constexpr size_t recentLimit = 1'000;

Result<CircuitBreaker::Permit> CircuitBreaker::acquireSlowly(TimePoint now)
{
    bool isTried = false;
    Result<Permit> result = [&]() -> Result<Permit> {
        const std::lock_guard lock(m_mutex);
        if (m_state == State::Open && !m_isTripped && now >= m_openUntil) {
            change(State::HalfOpen);
            isTried = true;
        }
        const quint64 epoch = m_epoch.load(std::memory_order_relaxed);
        if (m_state == State::Closed)
            return Permit(*this, epoch);
        if (m_state == State::HalfOpen && m_trials < m_options.trials) {
            ++m_trials;
            return Permit(*this, epoch);
        }
        ++m_refused;
        return Failure(refusal(now));
    }();
    if (isTried)
        tell(State::HalfOpen);
    return result;
}

void CircuitBreaker::take(Outcome outcome, quint64 epoch, TimePoint now)
{
    // The usual call: closed, and well.
    if (outcome == Outcome::Success && isClosed(epoch) && !countsRate()) {
        if (m_failuresInARow.load(std::memory_order_relaxed) != 0 && m_epoch.load(std::memory_order_acquire) == epoch)
            m_failuresInARow.store(0, std::memory_order_relaxed);
        return;
    }
    State changed;
    {
        const std::lock_guard lock(m_mutex);
        m_failures += outcome == Outcome::Failure;
        if (m_epoch.load(std::memory_order_relaxed) != epoch)
            return;
        if (m_state == State::HalfOpen) {
            --m_trials;
            if (outcome == Outcome::Success && ++m_successes < m_options.successes)
                return;
            changed = outcome == Outcome::Success ? State::Closed : State::Open;
        } else {
            const int inARow = outcome == Outcome::Failure ? m_failuresInARow.load(std::memory_order_relaxed) + 1 : 0;
            m_failuresInARow.store(inARow, std::memory_order_relaxed);
            const bool exceeds = countsRate() && exceedsRate(outcome, now);
            if (inARow < m_options.failures && !exceeds)
                return;
            changed = State::Open;
        }
        if (changed == State::Open)
            m_openUntil = now + m_options.openFor;
        change(changed);
    }
    tell(changed);
}

/// A call that ended as neither: its trial can be another's.
void CircuitBreaker::giveBack(quint64 epoch)
{
    if (isClosed(epoch))
        return;
    const std::lock_guard lock(m_mutex);
    if (m_epoch.load(std::memory_order_relaxed) == epoch && m_state == State::HalfOpen)
        --m_trials;
}

bool CircuitBreaker::exceedsRate(Outcome outcome, TimePoint now)
{
    m_recent.emplace_back(now, outcome);
    m_recentFailures += outcome == Outcome::Failure;
    while (m_recent.size() > recentLimit || m_recent.front().first + m_options.rateWindow < now) {
        m_recentFailures -= m_recent.front().second == Outcome::Failure;
        m_recent.pop_front();
    }
    return outcome == Outcome::Failure && m_recent.size() >= size_t(std::max(1, m_options.rateCalls))
        && m_recentFailures >= m_options.failureRate * double(m_recent.size());
}

/// With the lock.
void CircuitBreaker::change(State state)
{
    m_state = state;
    m_opened += state == State::Open;
    m_trials = m_successes = 0;
    m_failuresInARow.store(0, std::memory_order_relaxed);
    m_recent.clear();
    m_recentFailures = 0;
    // To the next number that says what it has to: permits of before are of no use any more.
    const quint64 next = m_epoch.load(std::memory_order_relaxed) + 2;
    m_epoch.store((next & ~quint64(1)) | quint64(state != State::Closed), std::memory_order_release);
}

void CircuitBreaker::tell(State state) const
{
    if (m_listener)
        m_listener(state);
}

void CircuitBreaker::trip()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isTripped = true;
        if (m_state == State::Open)
            return;
        change(State::Open);
    }
    tell(State::Open);
}

void CircuitBreaker::reset()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isTripped = false;
        const bool wasClosed = m_state == State::Closed;
        change(State::Closed);
        if (wasClosed)
            return;
    }
    tell(State::Closed);
}

/// With the lock.
Error CircuitBreaker::refusal(TimePoint now) const
{
    using namespace std::chrono;
    const auto wait = m_state == State::Open && !m_isTripped ? ceil<milliseconds>(m_openUntil - now) : milliseconds(0);
    const QString why = m_isTripped ? u"%1 is not asked: an operator has opened its breaker"_s
                                    : u"%1 has failed too often and is not asked for a while"_s;
    return Error(Error::Code::Unavailable, why.arg(m_options.name))
        .withDecider({ .kind = Decider::Kind::CircuitBreaker,
                       .name = m_options.name,
                       .limit = double(m_state == State::HalfOpen ? m_options.trials : m_options.failures),
                       .used = double(m_state == State::HalfOpen ? m_trials : m_options.failures),
                       .retryAfter = std::max(wait, milliseconds(0)) });
}

CircuitBreaker::Figures CircuitBreaker::figures(TimePoint now) const
{
    using namespace std::chrono;
    const std::lock_guard lock(m_mutex);
    Figures figures{ .state = m_state,
                     .isTripped = m_isTripped,
                     .failuresInARow = m_failuresInARow.load(std::memory_order_relaxed),
                     .failures = m_failures,
                     .refused = m_refused,
                     .opened = m_opened };
    if (m_state == State::Open && !m_isTripped)
        figures.retryAfter = std::max(ceil<milliseconds>(m_openUntil - now), milliseconds(0));
    return figures;
}

bool CircuitBreaker::isFailure(const Error &error)
{
    return error.code() == Error::Code::Internal || error.code() == Error::Code::Unavailable
        || error.code() == Error::Code::DeadlineExceeded;
}

} // namespace godwit::async
