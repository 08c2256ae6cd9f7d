// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/shedder.h"

#include <cmath>

using namespace Qt::StringLiterals;

namespace godwit::async {

bool Shedder::decide(std::chrono::nanoseconds waited, TimePoint now)
{
    const std::lock_guard lock(m_mutex);
    if (!isStanding(waited, now)) {
        m_isShedding = false;
        return true;
    }
    if (!m_isShedding) {
        begin(now);
    } else if (now >= m_next) {
        ++m_count;
        m_next = nextAfter(m_next);
    } else if (std::chrono::ceil<std::chrono::milliseconds>(waited) <= m_options.longest) {
        return true;
    }
    ++m_shed;
    return false;
}

/// Whether the wait has been at or above the target for an interval.
bool Shedder::isStanding(std::chrono::nanoseconds waited, TimePoint now)
{
    const bool isBelow = waited < m_options.target;
    m_isAtRest.store(isBelow, std::memory_order_relaxed);
    if (isBelow) {
        m_standsFrom = {};
        return false;
    }
    m_waited = waited;
    if (m_standsFrom == TimePoint{}) {
        m_standsFrom = now + m_options.interval;
        return false;
    }
    return now >= m_standsFrom;
}

/// At the rate that was enough not long ago, if it was.
void Shedder::begin(TimePoint now)
{
    const int added = m_count - m_lastCount;
    m_count = added > 1 && now - m_next < 16 * m_options.interval ? added : 1;
    m_lastCount = m_count;
    m_next = nextAfter(now);
    m_isShedding = true;
}

/// The law that makes a sender of TCP send at a rate that falls linearly: its rate goes with 1 / sqrt(loss).
TimePoint Shedder::nextAfter(TimePoint time) const
{
    const std::chrono::duration<double, std::nano> interval(m_options.interval);
    return time + std::chrono::nanoseconds(std::llround(interval.count() / std::sqrt(m_count)));
}

Error Shedder::refusal(std::chrono::nanoseconds waited) const
{
    using Seconds = std::chrono::duration<double>;
    return Error(Error::Code::Unavailable, u"%1: more comes than can be done in time"_s.arg(m_options.name))
        .withDecider({ .kind = Decider::Kind::Shedding,
                       .name = m_options.name,
                       .limit = Seconds(m_options.target).count(),
                       .used = Seconds(waited).count(),
                       .retryAfter = m_options.retryAfter });
}

Shedder::Figures Shedder::figures() const
{
    const std::lock_guard lock(m_mutex);
    return { .isShedding = m_isShedding, .shed = m_shed, .count = m_count, .waited = m_waited };
}

} // namespace godwit::async
