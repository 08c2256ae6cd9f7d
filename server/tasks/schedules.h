// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/tasks/service.h"
#include "shared/protocol/schedule.h"

namespace godwit::tasks {

/// Tasks that are submitted again and again. Durable: the task and the schedule's next time are one transaction, so
/// that nothing comes twice; what was due while the server was down comes once, late, or not at all, as the schedule
/// says. A front: all functions from any thread, but construction, start() and stop(), which belong to a thread with an
/// event loop.
class Schedules
{
public:
    /// What is late by more is one that was missed.
    static constexpr std::chrono::minutes missedAfter{ 1 };

    /// All three outlive it.
    Schedules(db::Pool &pool, Service &tasks, const Clock &clock = Clock::system());

    /// After those of the service: looks once a second.
    void start();
    void stop();
    /// Submits what is due. For start()'s timer and for tests, which wait for it.
    QFuture<qint64> submitDue();

    // Error::FailedValidation for what is wrong in a cron expression, a time zone or a task; Error::PermissionDenied
    // where the caller lacks the kind's role.
    QFuture<protocol::Schedule> create(async::Context context, protocol::NewSchedule what, protocol::Principal caller);
    QFuture<protocol::Schedule> change(async::Context context, qint64 id, QJsonObject patch,
                                       protocol::Principal caller);
    /// @return the id.
    QFuture<qint64> remove(async::Context context, qint64 id);
    QFuture<protocol::Schedule> get(async::Context context, qint64 id);
    QFuture<QList<protocol::Schedule>> list(async::Context context);

    /// All of them as this process last wrote them; without a wait.
    QList<protocol::Schedule> known() const;

private:
    struct State;
    struct Work;
    void look();
    template<class Change>
    auto write(async::Context context, Change change);

    db::Pool &m_pool;
    const Service::Submission m_submission;
    const Clock &m_clock;
    const std::shared_ptr<State> m_state; // shared with write jobs in flight, which may outlive this
    QTimer m_timer;
    QFuture<qint64> m_look;
};

} // namespace godwit::tasks
