// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/pool.h"

#include "server/db/poolprivate.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::db {

/// How often the queues are looked through for what has waited too long or is not wanted any more.
static constexpr auto sweepInterval = 100ms;

Pool::Pool(Options options, async::Faults *faults) : d(std::make_unique<Private>(std::move(options), faults))
{
    d->start();
}

Pool::~Pool()
{
    d->stop();
}

void Pool::enqueue(Lane lane, std::unique_ptr<AnyJob> job)
{
    d->enqueue(lane == Lane::Writer ? d->writer : d->readers, std::move(job));
}

void Pool::setFollower(QByteArray table, std::function<std::unique_ptr<AnyJob>()> make)
{
    changesOf(table);
    const std::lock_guard lock(d->followerMutex);
    d->follower.emplace(std::move(table), std::move(make));
}

ChangeCounters::Counter Pool::changesOf(const QByteArray &table)
{
    return d->changes.watch(table);
}

async::CircuitBreaker &Pool::breaker()
{
    return d->guard.breaker;
}

const async::Shedder &Pool::shedder() const
{
    return d->guard.shedder;
}

const async::RetryBudget &Pool::retryBudget() const
{
    return d->guard.budget;
}

void Pool::drain()
{
    ++d->drains;
    d->writer.nudge();
    d->readers.nudge();
}

int Pool::readers() const
{
    return d->readerCount;
}

Pool::Figures Pool::figures() const
{
    return { .connections = d->connections,
             .busy = d->busy,
             .queued = d->writer.size() + d->readers.size(),
             .written = d->written,
             .commits = d->commits,
             .refused = d->refused,
             .retried = d->retried };
}

void Pool::Private::start()
{
    const auto run = [this](const QString &name, auto work) {
        auto &thread = threads.emplace_back(QThread::create(std::move(work)));
        thread->setObjectName(name); // Linux shows 15 characters
        thread->start();
    };
    run(u"db-writer"_s, [this] { writeLoop(); });
    try {
        opened.get_future().get(); // the writer makes the file; readers cannot
    } catch (...) {
        stop();
        throw;
    }
    // Two at least, so that a long query never holds up all others.
    readerCount = std::clamp(QThread::idealThreadCount(), std::min(2, options.maxConnections),
                             std::max(1, options.maxConnections));
    for (int i = 0; i < readerCount; ++i)
        run(u"db-reader-"_s + QString::number(i), [this] { readLoop(); });
    run(u"db-watch"_s, [this] { watchLoop(); });
}

void Pool::Private::stop()
{
    abortReads = true;
    for (JobLane *const lane : { &writer, &readers }) {
        for (const auto &job : lane->stop())
            job->refuse(std::make_exception_ptr(Error::cancelled()));
    }
    {
        const std::lock_guard lock(watchMutex);
        watchStopped = true;
    }
    watchWake.notify_all();
    for (const auto &thread : threads)
        thread->wait();
    threads.clear();
    delayed.clear(); // who waits for them gets Cancelled
}

void Pool::Private::enqueue(JobLane &lane, std::unique_ptr<AnyJob> job)
{
    if (Guard::concerns(job->context)) {
        if (const auto refusal = guard.enter(job->pass))
            return job->refuse(std::make_exception_ptr(*refusal));
    }
    switch (lane.add(job)) {
    case JobLane::Added::TakenSoon:
        return;
    case JobLane::Added::Waits:
        // One notification a sweep at most, however many jobs wait.
        if (!isWatching.exchange(true)) {
            const std::lock_guard lock(watchMutex);
            watchWake.notify_one();
        }
        return;
    case JobLane::Added::Refused:
        if (lane.isStopped())
            job->refuse(std::make_exception_ptr(Error::cancelled()));
        else
            refuse(lane, *job, u"too much waits for the database"_s);
        return;
    }
}

void Pool::Private::refuse(JobLane &lane, AnyJob &job, const QString &why)
{
    ++refused;
    Decider decider{ .kind = Decider::Kind::Bulkhead,
                     .name = lane.name(),
                     .limit = double(lane.limit()),
                     .used = double(lane.size()),
                     .retryAfter = 1s };
    job.refuse(std::make_exception_ptr(Error(Error::Code::Unavailable, why).withDecider(std::move(decider))));
}

void Pool::Private::watchLoop()
{
    std::unique_lock lock(watchMutex);
    while (!watchStopped) {
        watchWake.wait(lock, [this] { return watchStopped || isWatching || !delayed.empty(); });
        TimePoint until = steadyNow() + sweepInterval;
        for (const Delayed &one : delayed)
            until = std::min(until, one.due);
        hasNewDelayed = false;
        watchWake.wait_until(lock, until, [this] { return watchStopped || hasNewDelayed; });
        lock.unlock();
        isWatching = false; // before we look: whoever adds after that wakes us again
        takeDelayed();
        sweep(writer);
        sweep(readers);
        if (writer.size() + readers.size() > 0)
            isWatching = true;
        lock.lock();
    }
}

/// Submits @p job anew, after a while.
void Pool::Private::later(std::unique_ptr<AnyJob> job, std::chrono::milliseconds delay)
{
    const std::lock_guard lock(watchMutex);
    if (watchStopped)
        return; // the job dies: Cancelled
    delayed.push_back({ steadyNow() + delay, std::move(job) });
    hasNewDelayed = true;
    watchWake.notify_one();
}

void Pool::Private::takeDelayed()
{
    std::vector<std::unique_ptr<AnyJob>> due;
    {
        const std::lock_guard lock(watchMutex);
        const TimePoint now = steadyNow();
        std::erase_if(delayed, [&](Delayed &one) {
            if (one.due > now && !one.job->context.isStopped())
                return false;
            due.push_back(std::move(one.job));
            return true;
        });
    }
    for (auto &job : due) {
        if (job->context.isStopped())
            job->refuse(std::make_exception_ptr(job->context.stopError()));
        else
            enqueue(readers, std::move(job));
    }
}

void Pool::Private::sweep(JobLane &lane)
{
    const auto stale = lane.takeStale(steadyNow() - options.acquireTimeout,
                                      [](const std::unique_ptr<AnyJob> &job) { return job->context.isStopped(); });
    for (const auto &job : stale) {
        if (job->context.isStopped())
            job->refuse(std::make_exception_ptr(job->context.stopError()));
        else
            refuse(lane, *job, u"no database connection was free in time"_s);
    }
}

} // namespace godwit::db
