// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"
#include "shared/core/error.h"
#include "shared/core/result.h"

#include <QString>

#include <atomic>
#include <mutex>

namespace godwit::async {

/// Refuses a part of the work while more comes than can be done, so that what is done is done in time. It looks at one
/// figure only, how long each piece of work has waited when its turn comes, and needs to know neither the rate nor the
/// capacity. A burst passes: only a wait that has not been below the target for a whole interval is a standing queue.
/// Then it sheds one, and the next after interval / sqrt(1), interval / sqrt(2), ..., until the wait is below the
/// target.
///
///     orThrow(shedder.admit(now - queuedAt, now));
///
/// Algorithm: CoDel (Nichols and Jacobson, "Controlling Queue Delay", ACM Queue 10(5), 2012; RFC 8289), applied to
/// requests. One thing is added: its law counts on senders that slow down when they lose something, as those of TCP
/// do. Who sends requests may not slow down at all, and the law alone would take seconds to catch up. So while it
/// sheds, whatever has waited for longer than Options::longest is shed too, which brings the wait down at once (as
/// Maurer, "Fail at Scale", ACM Queue 13(8), 2015, has it, with twice the target).
///
/// One for each queue. Any thread: below the target it is one atomic read (1 ns), else a short lock.
class Shedder
{
    Q_DISABLE_COPY_MOVE(Shedder)

public:
    struct Options
    {
        QString name{}; ///< in refusals: the queue
        std::chrono::milliseconds target{ 5 }; ///< a wait that is always acceptable
        std::chrono::milliseconds interval{ 100 }; ///< some round trips: how long a burst may take to pass
        std::chrono::milliseconds longest{ 10 }; ///< to wait while it sheds; milliseconds::max(): the law alone
        std::chrono::milliseconds retryAfter{ 1'000 }; ///< what refusals advise
    };

    explicit Shedder(Options options) : m_options(std::move(options)) { }

    /// Of work whose turn has come at @p now, after a wait of @p waited: whether it is to be done.
    bool admits(std::chrono::nanoseconds waited, TimePoint now)
    {
        if (waited < m_options.target && m_isAtRest.load(std::memory_order_relaxed)) [[likely]]
            return true;
        return decide(waited, now);
    }

    /// The same: nothing, or the refusal.
    Result<void> admit(std::chrono::nanoseconds waited, TimePoint now)
    {
        if (admits(waited, now)) [[likely]]
            return {};
        return Failure(refusal(waited));
    }

    /// Error::Unavailable with a decider: the target and the wait in seconds.
    Error refusal(std::chrono::nanoseconds waited) const;

    struct Figures
    {
        bool isShedding = false;
        qint64 shed = 0; ///< since the start
        int count = 0; ///< of the law: one is shed every interval / sqrt(count)
        std::chrono::nanoseconds waited{ 0 }; ///< the last wait that was not below the target
    };
    Figures figures() const;
    const Options &options() const { return m_options; }

private:
    bool decide(std::chrono::nanoseconds waited, TimePoint now);
    bool isStanding(std::chrono::nanoseconds waited, TimePoint now);
    void begin(TimePoint now);
    TimePoint nextAfter(TimePoint time) const;

    const Options m_options;
    std::atomic<bool> m_isAtRest{ true }; // nothing below has to be told of a wait below the target
    mutable std::mutex m_mutex; // guards all below; the names of RFC 8289, 5.3 and on, in brackets
    bool m_isShedding = false; // [dropping]
    TimePoint m_standsFrom{}; // above the target until then: a standing queue [first_above_time]; none: below
    TimePoint m_next{}; // to be shed [drop_next]
    int m_count = 0, m_lastCount = 0; // [count, lastcount]
    qint64 m_shed = 0;
    std::chrono::nanoseconds m_waited{ 0 };
};

} // namespace godwit::async
