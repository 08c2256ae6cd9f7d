// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"

#include <QAbstractEventDispatcher>

#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace godwit::runtime {

/// The timers of one thread's dispatcher, ordered by when they are due. Time is given, never asked for.
///
/// Qt::PreciseTimer fires at the first turn after its time. Qt::CoarseTimer is moved by at most 2.5 % to a grid that
/// timers of about the same interval share, so that they fire in one turn; Qt::VeryCoarseTimer to full seconds.
class TimerQueue
{
public:
    using TimerInfo = QAbstractEventDispatcher::TimerInfo;

    void add(int id, std::chrono::milliseconds interval, Qt::TimerType type, QObject *object, TimePoint now);
    bool remove(int id);
    bool removeAll(const QObject *object);

    QList<TimerInfo> timersOf(const QObject *object) const;
    /// Rounded up, zero if it is late; nothing if there is no such timer.
    std::optional<std::chrono::milliseconds> remaining(int id, TimePoint now) const;
    /// When the loop has to wake up next; timers whose handler is running (in an outer loop) do not count.
    std::optional<TimePoint> nextDue() const;

    /// Sends a QTimerEvent for each timer that is due, at most one each; returns how many. Handlers may add and remove
    /// timers, delete objects and run nested loops.
    int fireDue(TimePoint now);

private:
    struct Timer
    {
        std::chrono::milliseconds interval;
        Qt::TimerType type;
        QObject *object;
        quint64 serial; // tells a timer from a later one with the same id
        TimePoint due;
        bool running = false; // its handler is

        TimePoint dueAfter(TimePoint base) const;
    };

    void schedule(int id, Timer &timer, TimePoint due);
    bool fire(int id, quint64 serial, TimePoint now);

    quint64 m_lastSerial = 0;
    std::unordered_map<int, Timer> m_timers;
    std::set<std::pair<TimePoint, int>> m_queue;
    std::unordered_multimap<const QObject *, int> m_byObject;
};

} // namespace godwit::runtime
