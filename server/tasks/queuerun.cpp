// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// One task from its beginning to its end, on one of the threads.
#include "server/tasks/queue.h"
#include "server/tasks/store.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::tasks {

Q_LOGGING_CATEGORY(tasksLog, "godwit.tasks")

using protocol::Task;
using protocol::TaskStatus;

/// Between two tries of a write.
static constexpr std::chrono::milliseconds firstPause = 100ms, lastPause = 10s;

class Service::Queue::RunningJob final : public Job
{
public:
    RunningJob(Queue &queue, const Task &task, std::stop_token token)
        : m_queue(queue),
          m_task(task),
          m_token(std::move(token))
    {
    }
    qint64 id() const override { return m_task.id; }
    const QJsonObject &params() const override { return m_task.params; }
    int attempt() const override { return m_task.attempts; }
    std::stop_token stopToken() const override { return m_token; }
    void setProgress(double percent, const QString &message) override
    {
        m_queue.setProgress(m_task.id, std::clamp(percent, 0.0, 100.0), message);
    }

private:
    Queue &m_queue;
    const Task &m_task;
    const std::stop_token m_token;
};

/// Writes until the database does it: one whose disk is full may have room later, and the task, which keeps its place,
/// can not go on without. Throws what says that another try is of no use, and the last error once the queue stops.
template<class Attempt>
std::invoke_result_t<Attempt> Service::Queue::persistently(qint64 id, Attempt attempt)
{
    for (std::chrono::milliseconds pause = firstPause;; pause = std::min(2 * pause, lastPause)) {
        try {
            return attempt();
        } catch (const Error &error) {
            const bool mayPass = error.code() == Error::Code::Internal || error.code() == Error::Code::Unavailable
                || error.code() == Error::Code::ResourceExhausted || error.code() == Error::Code::DeadlineExceeded;
            if (!mayPass || !pauseBeforeRetry(pause))
                throw;
            qCWarning(tasksLog, "task %lld: %s; trying again", static_cast<long long>(id), error.what());
        }
    }
}

/// False once the queue stops.
bool Service::Queue::pauseBeforeRetry(std::chrono::milliseconds span)
{
    std::unique_lock lock(m_mutex);
    return !m_stopped.wait_for(lock, span, [this] { return m_isStopping; });
}

/// On one of the threads.
void Service::Queue::run(qint64 id, const Kind &kind)
{
    try {
        std::stop_token token;
        {
            const std::lock_guard lock(m_mutex);
            if (m_isStopping)
                return; // still queued in the database
            token = m_live[id].stop.get_token();
        }
        // Told on the writer's thread, so in the order of the commits: a retry may follow at once.
        const auto begun = persistently(id, [this, id] {
            return m_pool
                .write(
                    {}, [id](db::Connection &c) { return store::begin(c, id); },
                    [this](const std::optional<Task> &task) {
                        if (task)
                            setStatus(task->id, task->status, 0, {});
                    })
                .future()
                .result();
        });
        if (!begun)
            return; // cancelled just before
        const Task ended = outcome(kind, *begun, token);
        persistently(id, [this, &ended] {
            return m_pool
                .write(
                    {}, [ended](db::Connection &c) { return store::end(c, ended); },
                    [this](const Task &task) { finish(task); })
                .future()
                .result();
        });
    } catch (const std::exception &error) {
        // The database said no to the last: the task stands there as it was, and is taken up at the next start.
        qCWarning(tasksLog, "task %lld: %s", static_cast<long long>(id), error.what());
    }
}

Task Service::Queue::outcome(const Kind &kind, Task task, const std::stop_token &token)
{
    RunningJob job(*this, task, token);
    QJsonObject result;
    QString failure;
    try {
        result = kind.handler(job);
    } catch (const Error &error) {
        failure = error.message();
        if (!token.stop_requested())
            qCWarning(tasksLog, "task %lld (%s): %s", static_cast<long long>(task.id), qUtf8Printable(task.kind),
                      error.what());
    } catch (const std::exception &error) {
        failure = u"internal error"_s;
        qCWarning(tasksLog, "task %lld (%s): %s", static_cast<long long>(task.id), qUtf8Printable(task.kind),
                  error.what());
    }
    const std::lock_guard lock(m_mutex);
    const Live &live = m_live[task.id];
    task.progress = live.progress.progress;
    task.message = live.progress.message;
    task.result = result;
    if (token.stop_requested()) {
        task.status = live.isCancelled ? TaskStatus::Cancelled : TaskStatus::Queued;
    } else if (failure.isNull()) {
        task.status = TaskStatus::Completed;
        task.progress = 100;
    } else {
        task.status = TaskStatus::Failed;
        task.message = failure;
    }
    return task;
}

} // namespace godwit::tasks
