// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/runtime/timerqueue.h"

#include <QCoreApplication>
#include <QTimerEvent>

#include <bit>
#include <vector>

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace godwit::runtime {

static TimePoint roundTo(milliseconds grain, TimePoint time)
{
    const std::chrono::nanoseconds unit = grain;
    return TimePoint((time.time_since_epoch() + unit / 2) / unit * unit);
}

TimePoint TimerQueue::Timer::dueAfter(TimePoint base) const
{
    const TimePoint exact = base + interval;
    if (type == Qt::CoarseTimer && interval >= 20ms) {
        // A power of two, so that the grids of different intervals fall on one another.
        return roundTo(milliseconds(std::bit_floor(quint64(interval.count()) / 20)), exact);
    }
    if (type == Qt::VeryCoarseTimer) {
        const TimePoint rounded = roundTo(1s, exact);
        return rounded <= base ? rounded + 1s : rounded;
    }
    return exact;
}

void TimerQueue::schedule(int id, Timer &timer, TimePoint due)
{
    timer.due = due;
    m_queue.emplace(due, id);
}

void TimerQueue::add(int id, milliseconds interval, Qt::TimerType type, QObject *object, TimePoint now)
{
    remove(id);
    // A year at most: beyond that the sum of time and interval may no longer fit.
    const auto bounded = std::min<milliseconds>(interval, std::chrono::hours(24 * 365));
    Timer &timer = m_timers[id] = { bounded, type, object, ++m_lastSerial, {} };
    schedule(id, timer, timer.dueAfter(now));
    m_byObject.emplace(object, id);
}

bool TimerQueue::remove(int id)
{
    const auto found = m_timers.find(id);
    if (found == m_timers.end())
        return false;
    m_queue.erase({ found->second.due, id });
    auto [it, end] = m_byObject.equal_range(found->second.object);
    while (it != end && it->second != id)
        ++it;
    if (it != end)
        m_byObject.erase(it);
    m_timers.erase(found);
    return true;
}

bool TimerQueue::removeAll(const QObject *object)
{
    const auto [begin, end] = m_byObject.equal_range(object);
    for (auto it = begin; it != end; ++it) {
        const auto found = m_timers.find(it->second);
        m_queue.erase({ found->second.due, it->second });
        m_timers.erase(found);
    }
    const bool any = begin != end;
    m_byObject.erase(begin, end);
    return any;
}

QList<TimerQueue::TimerInfo> TimerQueue::timersOf(const QObject *object) const
{
    QList<TimerInfo> timers;
    const auto [begin, end] = m_byObject.equal_range(object);
    for (auto it = begin; it != end; ++it) {
        const Timer &timer = m_timers.at(it->second);
        timers.emplaceBack(it->second, int(timer.interval.count()), timer.type);
    }
    return timers;
}

std::optional<milliseconds> TimerQueue::remaining(int id, TimePoint now) const
{
    const auto found = m_timers.find(id);
    if (found == m_timers.end())
        return {};
    return std::max(0ms, std::chrono::ceil<milliseconds>(found->second.due - now));
}

std::optional<TimePoint> TimerQueue::nextDue() const
{
    for (const auto &[due, id] : m_queue) {
        if (!m_timers.at(id).running)
            return due;
    }
    return {};
}

int TimerQueue::fireDue(TimePoint now)
{
    if (m_queue.empty() || m_queue.begin()->first > now)
        return 0;
    std::vector<std::pair<int, quint64>> due; // noted first: a handler may change everything
    for (auto it = m_queue.begin(); it != m_queue.end() && it->first <= now; ++it)
        due.emplace_back(it->second, m_timers.at(it->second).serial);
    int fired = 0;
    for (const auto &[id, serial] : due)
        fired += fire(id, serial, now);
    return fired;
}

bool TimerQueue::fire(int id, quint64 serial, TimePoint now)
{
    auto found = m_timers.find(id);
    if (found == m_timers.end())
        return false;
    Timer &timer = found->second;
    if (timer.serial != serial || timer.running || timer.due > now)
        return false; // meanwhile another one, or fired by a nested loop
    m_queue.erase({ timer.due, id });
    // From the time it was due, so that it does not drift; from now, if it is late by more than its interval.
    const TimePoint next = timer.dueAfter(timer.due);
    schedule(id, timer, next > now ? next : timer.dueAfter(now));

    timer.running = true;
    QTimerEvent event(id);
    QCoreApplication::sendEvent(timer.object, &event);
    found = m_timers.find(id);
    if (found != m_timers.end() && found->second.serial == serial)
        found->second.running = false;
    return true;
}

} // namespace godwit::runtime
