// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"

#include <algorithm>

namespace godwit::async {

/// The moment after which nobody wants the answer any more. A value; travels in Context.
class Deadline
{
public:
    /// Never.
    constexpr Deadline() = default;
    explicit constexpr Deadline(TimePoint at) : m_at(at) { }

    /// Never, if @p span reaches beyond what the clock can hold.
    static Deadline in(std::chrono::milliseconds span, TimePoint now = std::chrono::steady_clock::now())
    {
        if (span >= std::chrono::floor<std::chrono::milliseconds>(TimePoint::max() - now))
            return {};
        return Deadline(now + span);
    }

    constexpr TimePoint at() const { return m_at; }
    constexpr bool isNever() const { return m_at == TimePoint::max(); }
    bool hasPassed(TimePoint now = std::chrono::steady_clock::now()) const { return now >= m_at; }

    /// Zero once it has passed; milliseconds::max() for never.
    std::chrono::milliseconds remaining(TimePoint now = std::chrono::steady_clock::now()) const
    {
        using namespace std::chrono;
        if (isNever())
            return milliseconds::max();
        return std::max(milliseconds(0), ceil<milliseconds>(m_at - now));
    }

    /// The earlier of the two.
    friend constexpr Deadline operator&(Deadline a, Deadline b) { return a.m_at < b.m_at ? a : b; }
    friend constexpr bool operator==(Deadline a, Deadline b) = default;

private:
    TimePoint m_at = TimePoint::max();
};

} // namespace godwit::async
