// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"
#include "shared/core/error.h"
#include "shared/core/result.h"

#include <QString>

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

namespace godwit::async {

/// Stops asking a service that fails, so that it can recover and nobody waits for what will fail anyway (Nygard,
/// "Release It!"). Closed: all pass. After so many failures in a row, or beyond a rate of them, open: all are refused
/// at once. After a while half-open: a few trials pass; their success closes it, a failure opens it again.
///
///     auto permit = orThrow(breaker.acquire(clock.now()));
///     const auto reply = co_await ask();              // a permit that dies unreported, as here by an exception of
///     permit.report(outcomeOf(reply), clock.now());   // cancellation, counts as neither, and gives its trial back
///
/// What counts as a failure is the caller's choice: see isFailure() for the usual one.
///
/// Any thread. While closed, acquire() and a success are one atomic read each (4 ns together); all else is behind a
/// short lock. A report that belongs to an earlier state is dropped: a slow call from before does not close the
/// breaker.
class CircuitBreaker
{
    Q_DISABLE_COPY_MOVE(CircuitBreaker)

public:
    enum class State { Closed, Open, HalfOpen };
    enum class Outcome { Success, Failure };

    struct Options
    {
        QString name{}; ///< in refusals: the service
        int failures = 5; ///< in a row that open it
        double failureRate = 0; ///< of the calls within rateWindow that opens it, in (0, 1]; 0: does not count
        int rateCalls = 20; ///< before which the rate says nothing
        std::chrono::milliseconds rateWindow{ 10'000 };
        std::chrono::milliseconds openFor{ 30'000 }; ///< before it is tried
        int trials = 1; ///< at a time, half-open
        int successes = 1; ///< of trials in a row, that close it
    };

    /// The right to one call, and the duty to say how it ended. One thread at a time; may not outlive the breaker.
    class Permit
    {
    public:
        Permit(Permit &&other) noexcept : m_breaker(std::exchange(other.m_breaker, nullptr)), m_epoch(other.m_epoch) { }
        Permit &operator=(Permit &&other) noexcept
        {
            std::swap(m_breaker, other.m_breaker);
            std::swap(m_epoch, other.m_epoch);
            return *this;
        }
        ~Permit()
        {
            if (m_breaker)
                m_breaker->giveBack(m_epoch);
        }
        void report(Outcome outcome, TimePoint now)
        {
            if (m_breaker)
                std::exchange(m_breaker, nullptr)->take(outcome, m_epoch, now);
        }

    private:
        friend class CircuitBreaker;
        Permit(CircuitBreaker &breaker, quint64 epoch) : m_breaker(&breaker), m_epoch(epoch) { }
        CircuitBreaker *m_breaker;
        quint64 m_epoch;
    };

    explicit CircuitBreaker(Options options) : m_options(std::move(options)) { }

    /// A permit, or Error::Unavailable with a decider that says when to come again.
    Result<Permit> acquire(TimePoint now)
    {
        const quint64 epoch = m_epoch.load(std::memory_order_acquire);
        if (isClosed(epoch)) [[likely]]
            return Permit(*this, epoch);
        return acquireSlowly(now);
    }

    /// By hand: opens it until reset(), whatever the calls say.
    void trip();
    /// By hand: closes it and forgets what has been.
    void reset();

    /// Told of each change, without a lock held, in the thread that caused it. Set before the first call.
    void onChange(std::function<void(State)> listener) { m_listener = std::move(listener); }

    struct Figures
    {
        State state = State::Closed;
        bool isTripped = false; ///< open by hand
        int failuresInARow = 0;
        qint64 failures = 0, refused = 0, opened = 0; ///< since the start
        std::chrono::milliseconds retryAfter{ 0 }; ///< while open
    };
    Figures figures(TimePoint now) const;
    const Options &options() const { return m_options; }

    /// Internal, Unavailable and DeadlineExceeded: the service's fault. All else is the caller's.
    static bool isFailure(const Error &error);

private:
    // The epoch grows with each change of state; its lowest bit says whether it is closed.
    static bool isClosed(quint64 epoch) { return (epoch & 1) == 0; }
    Result<Permit> acquireSlowly(TimePoint now);
    void take(Outcome outcome, quint64 epoch, TimePoint now);
    void giveBack(quint64 epoch);
    bool countsRate() const { return m_options.failureRate > 0; }
    bool exceedsRate(Outcome outcome, TimePoint now);
    Error refusal(TimePoint now) const;
    void change(State state);
    void tell(State state) const;

    const Options m_options;
    std::function<void(State)> m_listener;
    std::atomic<quint64> m_epoch{ 0 };
    std::atomic<int> m_failuresInARow{ 0 };

    mutable std::mutex m_mutex; // guards all below
    State m_state = State::Closed;
    bool m_isTripped = false;
    TimePoint m_openUntil{};
    int m_trials = 0, m_successes = 0;
    qint64 m_failures = 0, m_refused = 0, m_opened = 0;
    std::deque<std::pair<TimePoint, Outcome>> m_recent; // within the window, at most recentLimit
    int m_recentFailures = 0;
};

} // namespace godwit::async
