// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What the pool's threads do with their connections.
#include "server/db/poolprivate.h"
#include "shared/async/currentrequest.h"

#include <QLoggingCategory>

using namespace std::chrono_literals;

namespace godwit::db {

Q_LOGGING_CATEGORY(poolLog, "godwit.db")

/// A group is committed at the latest after so much work: whoever was first in it waits for the last.
static constexpr auto longestGroup = 20ms;
static constexpr size_t largestGroup = 1000;

namespace {

class CountUp
{
public:
    explicit CountUp(std::atomic<int> &counter) : m_counter(counter) { ++m_counter; }
    ~CountUp() { --m_counter; }
    CountUp(const CountUp &) = delete;
    CountUp &operator=(const CountUp &) = delete;

private:
    std::atomic<int> &m_counter;
};

} // namespace

void Pool::Private::writeLoop()
{
    Seat seat(*this, SqliteConnection::Access::Write);
    try {
        seat.connection();
    } catch (...) {
        opened.set_exception(std::current_exception());
        return;
    }
    opened.set_value();
    while (!writer.isStopped()) {
        auto job = writer.take(TimePoint::max());
        if (!job) {
            seat.closeIfDrained();
            continue;
        }
        const CountUp isBusy(busy);
        try {
            writeGroup(seat.connection(), *job);
        } catch (...) {
            // No connection, or no transaction: this job has not been started.
            fail(**job, nullptr);
        }
    }
}

/// Takes @p first only once the transaction stands.
void Pool::Private::writeGroup(SqliteConnection &connection, std::unique_ptr<AnyJob> &first)
{
    // At once for writing: a lock that is asked for later cannot be waited for.
    connection.control("BEGIN IMMEDIATE");
    const TimePoint started = steadyNow();
    std::vector<std::unique_ptr<AnyJob>> done;
    std::optional<std::unique_ptr<AnyJob>> next(std::move(first));
    for (; next; next = writer.takeNow()) {
        std::unique_ptr<AnyJob> &job = *next;
        if (job->context.isStopped()) {
            job->refuse(std::make_exception_ptr(job->context.stopError()));
            continue;
        }
        using enum SqliteConnection::StopWrites;
        try {
            writeOne(connection, *job, done.empty() ? Yes : No);
            done.push_back(std::move(job));
        } catch (...) {
            fail(*job, &connection);
            if (!connection.isInTransaction()) {
                // A full disk, for one, makes SQLite roll back all of it.
                for (const auto &lost : done)
                    lost->refuse(std::current_exception());
                return;
            }
        }
        if (steadyNow() - started >= longestGroup || done.size() >= largestGroup)
            break;
    }
    commit(connection, std::move(done));
}

void Pool::Private::writeOne(SqliteConnection &connection, AnyJob &job, SqliteConnection::StopWrites stopWrites)
{
    const async::CurrentRequest request(job.context.requestId);
    job.enter("database write");
    guard.suffer(job.context, abortReads);
    connection.control("SAVEPOINT job");
    connection.beginJob(job.context, job.span, stopWrites);
    try {
        job.run(connection);
        connection.endJob();
        connection.control("RELEASE job");
        job.enter("database commit");
    } catch (...) {
        job.span.failWithCurrentException();
        connection.abandonJob();
        if (connection.isInTransaction())
            connection.control("ROLLBACK TO job; RELEASE job");
        throw;
    }
}

/// In the transaction of what it follows. Null where there is nothing to do, or it fails.
std::unique_ptr<Pool::AnyJob> Pool::Private::runFollower(SqliteConnection &connection)
{
    std::unique_ptr<AnyJob> job;
    {
        const std::lock_guard lock(followerMutex);
        if (!follower || !changes.hasChanged(follower->table))
            return {};
        job = follower->make();
    }
    try {
        writeOne(connection, *job, SqliteConnection::StopWrites::No);
    } catch (...) {
        fail(*job, &connection);
        qCWarning(poolLog, "what follows changes of %s has failed, and is left for the next time",
                  follower->table.constData());
        return {};
    }
    return job;
}

void Pool::Private::commit(SqliteConnection &connection, std::vector<std::unique_ptr<AnyJob>> done)
{
    const std::unique_ptr<AnyJob> following = done.empty() ? nullptr : runFollower(connection);
    try {
        connection.control(done.empty() ? "ROLLBACK" : "COMMIT");
    } catch (...) {
        for (const auto &job : done) {
            if (job == done.front()) // one failure, whoever they are that it meets
                fail(*job, &connection);
            else
                job->refuse(std::current_exception());
        }
        if (connection.isInTransaction())
            connection.control("ROLLBACK");
        return;
    }
    if (done.empty())
        return;
    changes.publish();
    if (following)
        following->finish();
    ++commits;
    written += qsizetype(done.size());
    for (const auto &job : done) {
        const async::CurrentRequest request(job->context.requestId);
        guard.succeeded(job->pass);
        job->finish();
    }
}

void Pool::Private::readLoop()
{
    Seat seat(*this, SqliteConnection::Access::Read);
    while (!readers.isStopped()) {
        auto job = readers.take(seat.restsUntil());
        if (!job) {
            seat.closeIfIdle();
            continue;
        }
        const CountUp isBusy(busy);
        readOne(seat, std::move(*job));
    }
}

void Pool::Private::readOne(Seat &seat, std::unique_ptr<AnyJob> job)
{
    const QByteArray requestId = job->context.requestId; // the job may be gone before the end of this
    const async::CurrentRequest request(requestId);
    try {
        job->context.throwIfStopped();
        guard.shed(job->pass);
    } catch (...) {
        job->refuse(std::current_exception());
        return;
    }
    const SqliteConnection *used = nullptr;
    try {
        job->enter("database read");
        guard.suffer(job->context, abortReads);
        SqliteConnection &connection = seat.connection();
        used = &connection;
        connection.beginJob(job->context, job->span, SqliteConnection::StopWrites::Yes);
        try {
            job->run(connection);
            connection.endJob();
        } catch (...) {
            connection.abandonJob();
            throw;
        }
    } catch (...) {
        job->span.failWithCurrentException();
        return failOrRetry(std::move(job), used);
    }
    guard.succeeded(job->pass);
    job->finish();
}

/// In a catch block. @p used is null where there was no connection, or no transaction, to run it on.
void Pool::Private::fail(AnyJob &job, const SqliteConnection *used)
{
    try {
        throw;
    } catch (const Error &error) {
        guard.failed(job.pass, error, used ? used->hadOutage() : true);
    } catch (...) {
        guard.failed(job.pass, Error::internal({}), false);
    }
    job.refuse(std::current_exception());
}

/// The same for a read, which may be given another chance.
void Pool::Private::failOrRetry(std::unique_ptr<AnyJob> job, const SqliteConnection *used)
{
    if (!job->pass.isRepeatable)
        return fail(*job, used);
    try {
        throw;
    } catch (const Error &error) {
        guard.failed(job->pass, error, used ? used->hadOutage() : true);
        const auto delay = guard.retryAfter(job->pass, job->context, error);
        if (!delay) {
            job->refuse(std::current_exception());
            return;
        }
        ++retried;
        ++job->pass.attempt;
        job->enter("database wait"); // of the backoff, and for a connection again
        job->span.set("attempt", qint64(job->pass.attempt));
        later(std::move(job), *delay);
    } catch (...) {
        fail(*job, used);
    }
}

} // namespace godwit::db
