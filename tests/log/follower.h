// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/log/eventlog.h"
#include "tests/support/waiting.h"

#include <QTest>

#include <limits>

namespace godwit::log {

template<class T>
QCoro::Task<T> answer(async::OneShot<T> result)
{
    co_return co_await std::move(result);
}

inline QCoro::Task<bool> ended(QCoro::Task<> task)
{
    co_await std::move(task);
    co_return true;
}

inline QByteArray numbered(qint64 number)
{
    return "{\"n\":" + QByteArray::number(number) + '}';
}

/// Someone who reads a topic: a listener's events reach them while they are a member.
class Follower
{
public:
    /// Behind @p from, until @p most have come from what was there already.
    void follow(EventLog &eventLog, const std::shared_ptr<Topic> &topic, std::optional<Position> from,
                qsizetype most = std::numeric_limits<qsizetype>::max())
    {
        m_member = m_members.emplaceBack(std::make_shared<Member>());
        topic->addListener(m_member.get(), [member = std::weak_ptr(m_member)](const EventPointer &event) {
            const auto here = member.lock();
            if (!here)
                return;
            const std::scoped_lock lock(here->mutex);
            if (here->hasJoined)
                here->live.append(event);
        });
        EventLog::Reader reader;
        reader.begin = [this](const EventLog::Start &start) { starts.append(start); };
        reader.take = [this, most](const QList<EventPointer> &events) {
            seen += events;
            return seen.size() < most;
        };
        reader.join = [member = m_member] {
            const std::scoped_lock lock(member->mutex);
            member->hasJoined = true;
        };
        QVERIFY(awaited(ended(eventLog.follow({}, topic, std::move(from), std::move(reader)))));
    }

    /// Leaves; what came live meanwhile has been seen.
    void cut()
    {
        const std::scoped_lock lock(m_member->mutex);
        m_member->hasJoined = false;
        seen += std::exchange(m_member->live, {});
    }

    QList<qint64> offsets() const
    {
        QList<qint64> offsets;
        for (const auto &event : seen)
            offsets.append(event->position.offset);
        return offsets;
    }

    QList<EventLog::Start> starts;
    QList<EventPointer> seen;

private:
    struct Member
    {
        std::mutex mutex;
        bool hasJoined = false;
        QList<EventPointer> live;
    };
    std::shared_ptr<Member> m_member; // shared with the topic's listener
    QList<std::shared_ptr<Member>> m_members; // all, as their addresses name the listeners
};

inline QList<qint64> range(qint64 first, qint64 last)
{
    QList<qint64> numbers;
    for (qint64 number = first; number <= last; ++number)
        numbers.append(number);
    return numbers;
}

} // namespace godwit::log
