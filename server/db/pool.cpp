// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/pool.h"

#include "server/db/lane.h"
#include "server/db/sqliteconnection.h"

#include <QThread>

#include <future>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::db {

/// A group is committed at the latest after so much work: whoever was first in it waits for the last.
static constexpr auto longestGroup = 20ms;
static constexpr size_t largestGroup = 1000;
/// How often the queues are looked through for what has waited too long or is not wanted any more.
static constexpr auto sweepInterval = 100ms;
/// A connection that rested longer is tried before it is used.
static constexpr auto testedAfterRest = 30s;

static TimePoint now()
{
    return std::chrono::steady_clock::now();
}

struct Pool::Private
{
    using JobLane = db::Lane<std::unique_ptr<AnyJob>>;

    /// A thread's connection: opened when needed, renewed when it is old, closed when it rests.
    class Seat
    {
    public:
        Seat(Private &pool, SqliteConnection::Access access) : m_pool(pool), m_access(access) { }
        ~Seat() { close(); }

        SqliteConnection &connection()
        {
            if (m_connection && now() - m_openedAt >= m_pool.options.lifetime)
                close();
            if (m_connection && now() - m_usedAt >= testedAfterRest && !m_connection->isUsable())
                close();
            if (!m_connection) {
                m_connection.emplace(m_pool.options, m_access, m_pool.neverOrAbort(m_access));
                m_openedAt = now();
                ++m_pool.connections;
                if (m_access == SqliteConnection::Access::Write)
                    m_connection->countChanges(m_pool.changes);
            }
            m_usedAt = now();
            return *m_connection;
        }

        /// Until when to wait for work before closeIfIdle() has something to do.
        TimePoint restsUntil() const { return m_connection ? m_usedAt + m_pool.options.idleTimeout : TimePoint::max(); }
        void closeIfIdle()
        {
            if (!m_connection || now() < restsUntil())
                return;
            // One of the readers may look at the count while another closes: then one too many is closed, and opened
            // again when needed.
            if (m_pool.connections > std::max(1, m_pool.options.minConnections))
                close();
            else
                m_usedAt = now();
        }

    private:
        void close()
        {
            if (!m_connection)
                return;
            m_connection.reset();
            --m_pool.connections;
        }

        Private &m_pool;
        const SqliteConnection::Access m_access;
        std::optional<SqliteConnection> m_connection;
        TimePoint m_openedAt, m_usedAt;
    };

    explicit Private(Options o) : options(std::move(o)) { }

    void start();
    void stop();
    void enqueue(JobLane &lane, std::unique_ptr<AnyJob> job);
    void refuse(JobLane &lane, AnyJob &job, const QString &why);

    void writeLoop();
    void writeGroup(SqliteConnection &connection, std::unique_ptr<AnyJob> &first);
    void writeOne(SqliteConnection &connection, AnyJob &job, SqliteConnection::StopWrites stopWrites);
    void commit(SqliteConnection &connection, std::vector<std::unique_ptr<AnyJob>> done);
    void readLoop();
    void readOne(Seat &seat, AnyJob &job);
    void watchLoop();
    void sweep(JobLane &lane);

    const std::atomic<bool> &neverOrAbort(SqliteConnection::Access access) const
    {
        return access == SqliteConnection::Access::Read ? abortReads : never;
    }

    const Options options;
    JobLane writer{ u"database writer"_s, options.queue };
    JobLane readers{ u"database readers"_s, options.queue };
    ChangeCounters changes;
    std::vector<std::unique_ptr<QThread>> threads;
    std::promise<void> opened; // by the writer
    std::atomic<bool> abortReads{ false };
    const std::atomic<bool> never{ false };
    std::atomic<int> connections{ 0 }, busy{ 0 };
    std::atomic<qsizetype> written{ 0 }, commits{ 0 }, refused{ 0 };

    std::mutex watchMutex;
    std::condition_variable watchWake;
    std::atomic<bool> isWatching{ false };
    bool watchStopped = false;
};

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

Pool::Pool(Options options) : d(std::make_unique<Private>(std::move(options)))
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

ChangeCounters::Counter Pool::changesOf(const QByteArray &table)
{
    return d->changes.watch(table);
}

Pool::Figures Pool::figures() const
{
    return { .connections = d->connections,
             .busy = d->busy,
             .queued = d->writer.size() + d->readers.size(),
             .written = d->written,
             .commits = d->commits,
             .refused = d->refused };
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
    const int count = std::clamp(QThread::idealThreadCount(), std::min(2, options.maxConnections),
                                 std::max(1, options.maxConnections));
    for (int i = 0; i < count; ++i)
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
}

void Pool::Private::enqueue(JobLane &lane, std::unique_ptr<AnyJob> job)
{
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
        if (!job)
            continue;
        const CountUp isBusy(busy);
        try {
            writeGroup(seat.connection(), *job);
        } catch (...) {
            // No connection, or no transaction: this job has not been started.
            (*job)->refuse(std::current_exception());
        }
    }
}

/// Takes @p first only once the transaction stands.
void Pool::Private::writeGroup(SqliteConnection &connection, std::unique_ptr<AnyJob> &first)
{
    // At once for writing: a lock that is asked for later cannot be waited for.
    connection.control("BEGIN IMMEDIATE");
    const TimePoint started = now();
    std::vector<std::unique_ptr<AnyJob>> done;
    std::optional<std::unique_ptr<AnyJob>> next(std::move(first));
    for (; next; next = writer.takeNow()) {
        std::unique_ptr<AnyJob> &job = *next;
        using enum SqliteConnection::StopWrites;
        try {
            writeOne(connection, *job, done.empty() ? Yes : No);
            done.push_back(std::move(job));
        } catch (...) {
            job->refuse(std::current_exception());
            if (!connection.isInTransaction()) {
                // A full disk, for one, makes SQLite roll back all of it.
                for (const auto &lost : done)
                    lost->refuse(std::current_exception());
                return;
            }
        }
        if (now() - started >= longestGroup || done.size() >= largestGroup)
            break;
    }
    commit(connection, std::move(done));
}

void Pool::Private::writeOne(SqliteConnection &connection, AnyJob &job, SqliteConnection::StopWrites stopWrites)
{
    job.context.throwIfStopped();
    connection.control("SAVEPOINT job");
    connection.beginJob(job.context, stopWrites);
    try {
        job.run(connection);
        connection.endJob();
        connection.control("RELEASE job");
    } catch (...) {
        connection.abandonJob();
        if (connection.isInTransaction())
            connection.control("ROLLBACK TO job; RELEASE job");
        throw;
    }
}

void Pool::Private::commit(SqliteConnection &connection, std::vector<std::unique_ptr<AnyJob>> done)
{
    try {
        connection.control(done.empty() ? "ROLLBACK" : "COMMIT");
    } catch (...) {
        for (const auto &job : done)
            job->refuse(std::current_exception());
        if (connection.isInTransaction())
            connection.control("ROLLBACK");
        return;
    }
    if (done.empty())
        return;
    changes.publish();
    ++commits;
    written += qsizetype(done.size());
    for (const auto &job : done)
        job->finish();
}

void Pool::Private::readLoop()
{
    Seat seat(*this, SqliteConnection::Access::Read);
    while (!readers.isStopped()) {
        const auto job = readers.take(seat.restsUntil());
        if (!job) {
            seat.closeIfIdle();
            continue;
        }
        const CountUp isBusy(busy);
        readOne(seat, **job);
    }
}

void Pool::Private::readOne(Seat &seat, AnyJob &job)
{
    try {
        job.context.throwIfStopped();
        SqliteConnection &connection = seat.connection();
        connection.beginJob(job.context, SqliteConnection::StopWrites::Yes);
        try {
            job.run(connection);
            connection.endJob();
        } catch (...) {
            connection.abandonJob();
            throw;
        }
    } catch (...) {
        job.refuse(std::current_exception());
        return;
    }
    job.finish();
}

void Pool::Private::watchLoop()
{
    std::unique_lock lock(watchMutex);
    while (!watchStopped) {
        watchWake.wait(lock, [this] { return watchStopped || isWatching; });
        watchWake.wait_for(lock, sweepInterval, [this] { return watchStopped; });
        lock.unlock();
        isWatching = false; // before we look: whoever adds after that wakes us again
        sweep(writer);
        sweep(readers);
        if (writer.size() + readers.size() > 0)
            isWatching = true;
        lock.lock();
    }
}

void Pool::Private::sweep(JobLane &lane)
{
    const auto stale = lane.takeStale(now() - options.acquireTimeout,
                                      [](const std::unique_ptr<AnyJob> &job) { return job->context.isStopped(); });
    for (const auto &job : stale) {
        if (job->context.isStopped())
            job->refuse(std::make_exception_ptr(job->context.stopError()));
        else
            refuse(lane, *job, u"no database connection was free in time"_s);
    }
}

} // namespace godwit::db
