// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/changecounters.h"
#include "server/db/connection.h"
#include "server/db/guard.h"
#include "server/db/options.h"
#include "shared/async/context.h"
#include "shared/async/oneshot.h"

#include <functional>
#include <memory>
#include <optional>

namespace godwit::db {

/// Connections on threads of their own: one writer, which commits together whatever waits, and several readers.
/// A front: all functions from any thread; results resume where they are awaited.
class Pool
{
public:
    /// Opens (and makes) the file.
    /// @throws Error if that fails: no such folder, no right to write, not a database.
    /// @param faults befall the jobs of requests; null: none. Must outlive the pool.
    explicit Pool(Options options, async::Faults *faults = nullptr);
    ~Pool(); ///< writes that run are committed, reads that run are interrupted, what is queued is cancelled

    /// Runs @p work (`T work(Connection &)`) on a reader. The job's SQL is interrupted when the context's token fires
    /// or its deadline passes, also while it waits for a connection. The result fails with Error::Unavailable and a
    /// Decider (bulkhead) if the queue is full, or if no connection was free within Options::acquireTimeout.
    template<class Work>
    auto read(async::Context context, Work work) -> async::OneShot<std::invoke_result_t<Work, Connection &>>
    {
        return submit(Lane::Readers, std::move(context), std::move(work));
    }

    /// The same for a request, and up to twice again, with growing pauses, if the database fails in passing (it is
    /// locked, it does not answer). @p work may be run more than once.
    template<class Work>
    auto readRetrying(async::Context context, Work work) -> async::OneShot<std::invoke_result_t<Work &, Connection &>>
    {
        return submit(Lane::Readers, std::move(context), std::move(work), true);
    }

    /// Runs @p work on the writer, in order of submission, in a savepoint of the group's transaction. The result
    /// arrives **after the commit** (synchronous=FULL): what was answered is on disk. Work that throws is rolled back
    /// alone; a failing COMMIT fails all of the group. A statement that writes is interrupted only in the first job of
    /// a group, because SQLite then rolls back the whole transaction: keep single writes short.
    template<class Work>
    auto write(async::Context context, Work work) -> async::OneShot<std::invoke_result_t<Work, Connection &>>
    {
        return submit(Lane::Writer, std::move(context), std::move(work));
    }

    /// The same, and @p committed (`void committed(const T &)`) runs on the writer's thread after the commit and before
    /// the result arrives: in the order of the commits, which is that of submission. For what is to be published in
    /// that order. It is short and does not throw.
    template<class Work, class Committed>
    auto write(async::Context context, Work work, Committed committed)
        -> async::OneShot<std::invoke_result_t<Work, Connection &>>
    {
        using T = std::invoke_result_t<Work, Connection &>;
        auto [finisher, result] = async::oneShot<T>();
        enqueue(Lane::Writer,
                std::make_unique<AnnouncedJob<T, Work, Committed>>(std::move(context), std::move(work),
                                                                   std::move(finisher), std::move(committed)));
        return std::move(result);
    }

    /// Counts the transactions of this pool that changed rows of @p table, by triggers too: after the commit and before
    /// the writes' results arrive, so whoever has the answer to a write finds the count raised. What other processes
    /// write does not count.
    ChangeCounters::Counter changesOf(const QByteArray &table);

    /// Runs @p work in every transaction of this pool that changed rows of @p table, behind all else in it, and
    /// @p committed after its commit, before the results of the others arrive: so what follows from rows, by triggers
    /// too, is on disk with them or not at all. Where it fails the others are committed without it. One for a pool,
    /// before its first write that it is meant for.
    template<class Work, class Committed>
    void follow(QByteArray table, Work work, Committed committed)
    {
        using T = std::invoke_result_t<Work, Connection &>;
        setFollower(std::move(table), [work = std::move(work), committed = std::move(committed)] {
            return std::unique_ptr<AnyJob>(std::make_unique<AnnouncedJob<T, Work, Committed>>(
                async::Context{}, work, async::oneShot<T>().first, committed));
        });
    }

    struct Figures
    {
        int connections = 0; ///< open now
        int busy = 0; ///< in use now
        qsizetype queued = 0; ///< jobs that wait for a connection
        qsizetype written = 0, commits = 0; ///< write jobs, and the transactions that they took together
        qsizetype refused = 0; ///< full queue, or no connection in time
        qsizetype retried = 0; ///< reads that were tried again
    };
    Figures figures() const;
    /// Threads that read; a job that takes long takes one from the rest.
    int readers() const;

    /// Lets every connection be opened anew: those that rest are closed at once, those at work after their job.
    void drain();

    /// What stands between requests and the database: see Guard. Jobs with a request id are refused, as Unavailable
    /// with a decider, while it is open; and reads while too many wait for too long.
    async::CircuitBreaker &breaker();
    const async::Shedder &shedder() const;
    const async::RetryBudget &retryBudget() const;

private:
    enum class Lane { Readers, Writer };

    struct AnyJob
    {
        explicit AnyJob(async::Context c) : context(std::move(c)), span(context.trace, "database wait") { }
        virtual ~AnyJob() = default;
        /// Keeps the result; it is handed over by finish(), after the commit.
        virtual void run(Connection &connection) = 0;
        virtual void finish() = 0;
        virtual void refuse(std::exception_ptr error) = 0;
        /// In its trace: one span ends, the next begins.
        void enter(const char *stage)
        {
            span.end();
            span = async::Span(context.trace, stage);
        }

        async::Context context;
        async::Span span; ///< of the wait, the work, the commit, one after the other
        Pass pass;
    };
    template<class T, class Work>
    struct Job;
    template<class T, class Work, class Committed>
    struct AnnouncedJob;

    template<class Work>
    auto submit(Lane lane, async::Context context, Work work, bool isRepeatable = false)
    {
        using T = std::invoke_result_t<Work, Connection &>;
        auto [finisher, result] = async::oneShot<T>();
        auto job = std::make_unique<Job<T, Work>>(std::move(context), std::move(work), std::move(finisher));
        job->pass.isRepeatable = isRepeatable;
        enqueue(lane, std::move(job));
        return std::move(result);
    }
    void enqueue(Lane lane, std::unique_ptr<AnyJob> job);
    void setFollower(QByteArray table, std::function<std::unique_ptr<AnyJob>()> make);

    struct Private;
    std::unique_ptr<Private> d;
};

template<class T, class Work>
struct Pool::Job : Pool::AnyJob
{
    Job(async::Context c, Work w, typename async::OneShot<T>::Finisher f)
        : AnyJob(std::move(c)),
          work(std::move(w)),
          finisher(std::move(f))
    {
    }
    void run(Connection &connection) override
    {
        if constexpr (std::is_void_v<T>)
            work(connection);
        else
            value.emplace(work(connection));
    }
    void finish() override
    {
        this->span.end();
        if constexpr (std::is_void_v<T>)
            finisher.set();
        else
            finisher.set(std::move(*value));
    }
    void refuse(std::exception_ptr error) override
    {
        this->span.end();
        finisher.fail(std::move(error));
    }

    Work work;
    typename async::OneShot<T>::Finisher finisher;
    std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value;
};

template<class T, class Work, class Committed>
struct Pool::AnnouncedJob final : Pool::Job<T, Work>
{
    AnnouncedJob(async::Context c, Work w, typename async::OneShot<T>::Finisher f, Committed announcement)
        : Job<T, Work>(std::move(c), std::move(w), std::move(f)),
          committed(std::move(announcement))
    {
    }
    void finish() override
    {
        this->span.end();
        committed(std::as_const(*this->value));
        Job<T, Work>::finish();
    }

    Committed committed;
};

} // namespace godwit::db
