// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/options.h"
#include "shared/async/context.h"
#include "shared/async/oneshot.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QVariant>

#include <functional>
#include <memory>

namespace godwit::db {

/// A pool thread's connection, for the time of one job. Statements are prepared once a connection and kept.
class Connection
{
public:
    virtual ~Connection() = default;

    /// Runs @p sql with @p values bound in order; the query is positioned before its first row, forward only.
    /// @throws Error: Conflict for a violated constraint, Cancelled or DeadlineExceeded if it was interrupted, else
    /// Internal.
    virtual QSqlQuery &execute(QStringView sql, const QVariantList &values = {}) = 0;
    /// For several statements without parameters, and for what must not be cached.
    virtual void executeScript(QStringView sql) = 0;
    virtual QSqlDatabase database() const = 0;
    /// Of the job in work: for loops over many rows.
    virtual const async::Context &context() const = 0;
};

/// Connections on threads of their own: one writer, which commits together whatever waits, and several readers.
/// A front: all functions from any thread; results resume where they are awaited.
class Pool
{
public:
    explicit Pool(Options options);
    ~Pool(); ///< what runs ends, what is queued is cancelled

    /// Runs @p work (`T work(Connection &)`) on a reader. The job's SQL is interrupted when the context's token fires.
    template<class Work>
    auto read(async::Context context, Work work) -> async::OneShot<std::invoke_result_t<Work, Connection &>>
    {
        return submit(Lane::Readers, std::move(context), std::move(work));
    }

    /// Runs @p work on the writer, in order of submission, in a savepoint of the group's transaction. The result
    /// arrives **after the commit** (synchronous=FULL): what was answered is on disk. Work that throws is rolled back
    /// alone.
    template<class Work>
    auto write(async::Context context, Work work) -> async::OneShot<std::invoke_result_t<Work, Connection &>>
    {
        return submit(Lane::Writer, std::move(context), std::move(work));
    }

    struct Figures
    {
        int connections = 0, busy = 0;
        qsizetype queued = 0, written = 0, commits = 0, refused = 0;
    };
    Figures figures() const;

private:
    enum class Lane { Readers, Writer };

    struct AnyJob
    {
        explicit AnyJob(async::Context c) : context(std::move(c)) { }
        virtual ~AnyJob() = default;
        /// Keeps the result; it is handed over by finish(), after the commit.
        virtual void run(Connection &connection) = 0;
        virtual void finish() = 0;
        virtual void refuse(std::exception_ptr error) = 0;
        async::Context context;
    };
    template<class T, class Work>
    struct Job;

    template<class Work>
    auto submit(Lane lane, async::Context context, Work work)
    {
        using T = std::invoke_result_t<Work, Connection &>;
        auto [finisher, result] = async::oneShot<T>();
        enqueue(lane, std::make_unique<Job<T, Work>>(std::move(context), std::move(work), std::move(finisher)));
        return std::move(result);
    }
    void enqueue(Lane lane, std::unique_ptr<AnyJob> job);

    struct Private;
    std::unique_ptr<Private> d;
};

template<class T, class Work>
struct Pool::Job final : Pool::AnyJob
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
        if constexpr (std::is_void_v<T>)
            finisher.set();
        else
            finisher.set(std::move(*value));
    }
    void refuse(std::exception_ptr error) override { finisher.fail(std::move(error)); }

    Work work;
    typename async::OneShot<T>::Finisher finisher;
    std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value;
};

} // namespace godwit::db
