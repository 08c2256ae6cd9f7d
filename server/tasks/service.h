// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"
#include "server/runtime/blockingpool.h"
#include "server/tasks/job.h"
#include "server/tasks/options.h"
#include "shared/protocol/principal.h"
#include "shared/protocol/task.h"

#include <QFuture>
#include <QTimer>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace godwit::tasks {

/// A page of GET /api/tasks.
struct TaskList
{
    QList<protocol::Task> items; ///< newest first
    std::optional<qint64> next; ///< cursor of the next page
};

struct ListQuery
{
    std::optional<protocol::TaskStatus> status{};
    std::optional<qint64> cursor{}; ///< TaskList::next of the page before
    int limit = 100; ///< 1 to 1000
};

/// A durable queue of work. What was accepted survives the process and runs at least once; attempts are counted. Higher
/// priority first, then in order; so many at a time of each kind.
/// A front: all functions from any thread, but construction, addKind() and start(), which belong to a thread with an
/// event loop (the trailing progress of a burst is told from there).
class Service
{
public:
    /// Both outlive the service. Handlers run on @p threads.
    Service(db::Pool &pool, runtime::BlockingPool &threads, Options options = {});
    ~Service(); ///< stop()s, and waits for the handlers

    void addKind(const QString &kind, Handler handler, KindOptions options = {});
    /// After the kinds: takes up what waits, and what ran when the last process ended. In one process a database.
    void start();
    /// For a drain: nothing more is begun; what runs is told to stop and waits in the database for the next start.
    void stop();
    /// Whether nothing runs any more, waiting for it at most @p timeout.
    bool waitForStopped(std::chrono::milliseconds timeout);
    int runningCount() const;

    /// By hand: what runs goes on, and nothing more is begun until resume(). Forgotten at a restart.
    void pause();
    void resume();
    struct Figures
    {
        bool isPaused = false;
        int running = 0, waiting = 0, delayed = 0; ///< delayed: to be tried again later
        struct OfKind
        {
            QString name;
            int running = 0, waiting = 0;
            int concurrency = 0; ///< how many at a time
        };
        std::vector<OfKind> kinds;
    };
    Figures figures() const;

    // Error::PermissionDenied where the caller lacks the kind's role, or the task is somebody else's and they do not
    // run the server. Nobody's behalf: the server's own.

    /// On disk when the result is there. @throws Error::FailedValidation for an unknown kind or wrong params.
    QFuture<protocol::Task> submit(async::Context context, protocol::NewTask task,
                                   protocol::Principal caller = theServer());
    /// For whoever creates tasks in a write of their own. Both functions may outlive the service.
    struct Submission
    {
        std::function<void(const protocol::NewTask &, const protocol::Principal &)> check; ///< throws as submit() does
        std::function<void(const protocol::Task &)> announce; ///< to be called with each after the commit
    };
    Submission submission() const;
    QFuture<TaskList> list(async::Context context, ListQuery query);
    QFuture<protocol::Task> get(async::Context context, qint64 id);
    /// What it said, behind the line @p after.
    QFuture<QList<protocol::TaskLogLine>> log(async::Context context, qint64 id, qint64 after = 0);
    /// What is queued is cancelled with the result; what runs is told to stop and is cancelled soon.
    /// Error::Conflict if it has ended.
    QFuture<protocol::Task> cancel(async::Context context, qint64 id, protocol::Principal caller = theServer());
    /// What has failed or was cancelled is queued again; else Error::Conflict.
    QFuture<protocol::Task> retry(async::Context context, qint64 id, protocol::Principal caller = theServer());
    /// Error::Conflict if it has not ended. @return the id.
    QFuture<qint64> remove(async::Context context, qint64 id, protocol::Principal caller = theServer());

    /// One change of one task.
    struct Change
    {
        protocol::TaskProgress progress;
        quint64 offset = 0; ///< dense over all tasks of this process, from 1
    };
    /// Is told every change of status, and progress at most ten times a second a task; from any thread, in order for a
    /// task. Short; must not call back into the service but progress(). Lasts as long as the service.
    using Listener = std::function<void(const Change &)>;
    void addListener(Listener listener);
    /// The newest of a task that is queued or running; nothing for others.
    std::optional<Change> progress(qint64 id) const;
    /// Milliseconds since 1970 of this service's start: offsets begin anew with it.
    qint64 epoch() const;

    static protocol::Principal theServer() { return { .role = protocol::Role::Admin }; }

private:
    void sweep();

    class Queue;
    db::Pool &m_pool;
    const Options m_options;
    QTimer m_teller, m_sweeper;
    const std::shared_ptr<Queue> m_queue; // shared with write jobs in flight, which may outlive the service
};

} // namespace godwit::tasks
