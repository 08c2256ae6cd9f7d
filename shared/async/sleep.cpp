// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/sleep.h"

#include "shared/async/handover.h"

#include <QThread>
#include <QTimer>

#include <atomic>
#include <map>

namespace godwit::async {

namespace {

/// When a sleep ends, and which of those that end at the same time it is.
using Key = std::pair<TimePoint, quint64>;

/// Ends when its time comes or its token fires: whichever takes the finisher first.
class Sleep
{
public:
    Sleep(Key key, const Context &context, bool byDeadline, OneShot<void>::Finisher finisher, HandOver<Key> &stopped)
        : m_key(key),
          m_context(context),
          m_byDeadline(byDeadline),
          m_finisher(std::move(finisher)),
          m_stopped(context.stop, Stop{ *this, stopped })
    {
    }

    void end()
    {
        if (m_ended.test_and_set(std::memory_order_relaxed))
            return;
        if (m_byDeadline)
            m_finisher.fail(Error(Error::Code::DeadlineExceeded, QStringLiteral("the deadline has passed")));
        else
            m_finisher.set();
    }

private:
    struct Stop
    {
        Sleep &sleep;
        HandOver<Key> &stopped; // outlives the sleeps, and they wait for a callback under way

        /// In whatever thread requests the stop: the finisher does not mind, and the queue is told to forget the sleep.
        void operator()() const
        {
            if (sleep.m_ended.test_and_set(std::memory_order_relaxed))
                return;
            sleep.m_finisher.fail(sleep.m_context.stopError());
            stopped.push(sleep.m_key);
        }
    };

    const Key m_key;
    const Context m_context;
    const bool m_byDeadline;
    std::atomic_flag m_ended;
    OneShot<void>::Finisher m_finisher;
    std::stop_callback<Stop> m_stopped; // last: its callback uses all of the above
};

/// The sleeps of one thread, in the order of their ends, under one timer.
class SleepQueue final : public QObject
{
public:
    SleepQueue()
    {
        m_stopped.open(this);
        m_timer.setSingleShot(true);
        m_timer.setTimerType(Qt::PreciseTimer);
        connect(&m_timer, &QTimer::timeout, this, &SleepQueue::endDue);
        // Still in the thread, and with its dispatcher, which is gone when thread_local objects are destroyed.
        connect(QThread::currentThread(), &QThread::finished, this, &SleepQueue::abandon, Qt::DirectConnection);
    }

    void add(TimePoint due, const Context &context, bool byDeadline, OneShot<void>::Finisher finisher)
    {
        const Key key(due, ++m_lastSerial);
        const auto [place, inserted]
            = m_sleeps.try_emplace(key, key, context, byDeadline, std::move(finisher), m_stopped);
        if (place == m_sleeps.begin())
            arm();
    }

protected:
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::User)
            return QObject::event(event);
        m_stopped.takeEach([this](const Key &key) { m_sleeps.erase(key); });
        return true;
    }

private:
    void arm()
    {
        using namespace std::chrono;
        if (m_sleeps.empty())
            return;
        const auto span = ceil<milliseconds>(m_sleeps.begin()->first.first - steady_clock::now());
        m_timer.start(std::clamp<milliseconds>(span, milliseconds(0), hours(24)));
    }

    void endDue()
    {
        const auto now = std::chrono::steady_clock::now();
        while (!m_sleeps.empty() && m_sleeps.begin()->first.first <= now) {
            auto due = m_sleeps.extract(m_sleeps.begin()); // first: a QFuture's continuation may come back here
            due.mapped().end();
        }
        arm();
    }

    void abandon()
    {
        m_timer.stop();
        const auto abandoned = std::exchange(m_sleeps, {}); // each finisher tells its waiter
    }

    HandOver<Key> m_stopped;
    QTimer m_timer;
    quint64 m_lastSerial = 0;
    std::map<Key, Sleep> m_sleeps; // last: destroyed first, and then nothing is pushed any more
};

} // namespace

OneShot<void> sleepFor(const Context &context, std::chrono::milliseconds span)
{
    static thread_local SleepQueue queue;
    auto [finisher, result] = oneShot<void>();
    const Deadline end = Deadline::in(span);
    queue.add((end & context.deadline).at(), context, context.deadline.at() < end.at(), std::move(finisher));
    return std::move(result);
}

} // namespace godwit::async
