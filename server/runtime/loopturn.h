// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"

#include <algorithm>

namespace godwit::runtime {

/// Since when what the loop of this thread is handling has been ready: how long a request waited for its turn is
/// measured from there, as no socket says when its bytes came. Set by EpollDispatcher each time that it has looked.
///
/// If it had to wait, something has just come, so the answer is exact. If it found something at once, that came while
/// the turn before was at work: after the look before and before this one; the middle is taken, right on average for
/// what comes at random. A socket that a look has no room for (beyond 1,024) is not seen: then the wait is underrated.
///
/// One clock reading a turn of the loop, however many requests it handles. Of the thread; no lock.
class LoopTurn
{
public:
    /// How long what is handled at @p now has waited for this thread; zero where no dispatcher of ours runs.
    static std::chrono::nanoseconds waited(TimePoint now)
    {
        return readySince == TimePoint{}
            ? std::chrono::nanoseconds(0)
            : std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(now - readySince));
    }

    /// By the dispatcher, after a look at @p now that began at @p began. @p mayHaveWaited: it had leave to.
    void looked(TimePoint began, TimePoint now, bool mayHaveWaited)
    {
        const auto worked = began - m_looked, wait = now - began;
        // To find out what is ready takes microseconds; whoever took longer, or longer than there was work, has waited.
        const bool hasWaited
            = mayHaveWaited && wait >= std::min<TimePoint::duration>(worked, std::chrono::milliseconds(1));
        const bool isFirst = m_looked == TimePoint{};
        readySince = hasWaited || isFirst ? now : now - (now - m_looked) / 2;
        m_looked = now;
    }

private:
    static inline thread_local constinit TimePoint readySince{};
    TimePoint m_looked{};
};

} // namespace godwit::runtime
