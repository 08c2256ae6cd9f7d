// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/guard.h"
#include "server/db/lane.h"
#include "server/db/pool.h"
#include "server/db/sqliteconnection.h"

#include <QThread>

#include <future>

namespace godwit::db {

inline TimePoint steadyNow()
{
    return std::chrono::steady_clock::now();
}

/// The pool's threads: pool.cpp submits and watches, poolloops.cpp reads and writes.
struct Pool::Private
{
    using JobLane = db::Lane<std::unique_ptr<AnyJob>>;

    /// A connection that rested longer is tried before it is used.
    static constexpr std::chrono::seconds testedAfterRest{ 30 };

    /// A thread's connection: opened when needed, renewed when it is old, closed when it rests.
    class Seat
    {
    public:
        Seat(Private &pool, SqliteConnection::Access access) : m_pool(pool), m_access(access) { }
        ~Seat() { close(); }

        SqliteConnection &connection()
        {
            closeIfDrained();
            if (m_connection && steadyNow() - m_openedAt >= m_pool.options.lifetime)
                close();
            if (m_connection && steadyNow() - m_usedAt >= testedAfterRest && !m_connection->isUsable())
                close();
            if (!m_connection) {
                m_connection.emplace(m_pool.options, m_access, m_pool.neverOrAbort(m_access));
                m_openedAt = steadyNow();
                m_drains = m_pool.drains;
                ++m_pool.connections;
                if (m_access == SqliteConnection::Access::Write)
                    m_connection->countChanges(m_pool.changes);
            }
            m_usedAt = steadyNow();
            return *m_connection;
        }

        /// Until when to wait for work before closeIfIdle() has something to do.
        TimePoint restsUntil() const { return m_connection ? m_usedAt + m_pool.options.idleTimeout : TimePoint::max(); }
        void closeIfDrained()
        {
            if (m_connection && m_drains != m_pool.drains)
                close();
        }
        void closeIfIdle()
        {
            closeIfDrained();
            if (!m_connection || steadyNow() < restsUntil())
                return;
            // One of the readers may look at the count while another closes: then one too many is closed, and opened
            // again when needed.
            if (m_pool.connections > std::max(1, m_pool.options.minConnections))
                close();
            else
                m_usedAt = steadyNow();
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
        int m_drains = 0; // of the pool, when it was opened
    };

    Private(Options o, async::Faults *faults) : options(std::move(o)), guard(options, faults) { }

    void start();
    void stop();
    void enqueue(JobLane &lane, std::unique_ptr<AnyJob> job);
    void refuse(JobLane &lane, AnyJob &job, const QString &why);

    void writeLoop();
    void writeGroup(SqliteConnection &connection, std::unique_ptr<AnyJob> &first);
    void writeOne(SqliteConnection &connection, AnyJob &job, SqliteConnection::StopWrites stopWrites);
    void commit(SqliteConnection &connection, std::vector<std::unique_ptr<AnyJob>> done);
    void readLoop();
    void readOne(Seat &seat, std::unique_ptr<AnyJob> job);
    void fail(AnyJob &job, const SqliteConnection *used);
    void failOrRetry(std::unique_ptr<AnyJob> job, const SqliteConnection *used);

    void watchLoop();
    void sweep(JobLane &lane);
    void later(std::unique_ptr<AnyJob> job, std::chrono::milliseconds delay);
    void takeDelayed();

    const std::atomic<bool> &neverOrAbort(SqliteConnection::Access access) const
    {
        return access == SqliteConnection::Access::Read ? abortReads : never;
    }

    struct Delayed
    {
        TimePoint due;
        std::unique_ptr<AnyJob> job;
    };

    const Options options;
    Guard guard;
    JobLane writer{ QStringLiteral("database writer"), options.queue };
    JobLane readers{ QStringLiteral("database readers"), options.queue };
    struct Follower
    {
        QByteArray table;
        std::function<std::unique_ptr<AnyJob>()> make;
    };
    std::unique_ptr<AnyJob> runFollower(SqliteConnection &connection);

    ChangeCounters changes;
    std::mutex followerMutex;
    std::optional<Follower> follower; // under its mutex
    std::vector<std::unique_ptr<QThread>> threads;
    int readerCount = 0;
    std::promise<void> opened; // by the writer
    std::atomic<bool> abortReads{ false };
    const std::atomic<bool> never{ false };
    std::atomic<int> connections{ 0 }, busy{ 0 }, drains{ 0 };
    std::atomic<qsizetype> written{ 0 }, commits{ 0 }, refused{ 0 }, retried{ 0 };

    std::mutex watchMutex; // guards the delayed and the last two
    std::condition_variable watchWake;
    std::atomic<bool> isWatching{ false };
    std::vector<Delayed> delayed; // reads that are to be tried again
    bool hasNewDelayed = false, watchStopped = false;
};

} // namespace godwit::db
