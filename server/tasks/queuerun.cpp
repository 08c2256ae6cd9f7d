// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// One task from its beginning to its end, on one of the threads.
#include "server/tasks/queue.h"
#include "server/tasks/store.h"

#include <QJsonDocument>
#include <QLoggingCategory>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::tasks {

Q_LOGGING_CATEGORY(tasksLog, "godwit.tasks")

using protocol::Task;
using protocol::TaskStatus;

/// Between two tries of a write.
static constexpr std::chrono::milliseconds firstPause = 100ms, lastPause = 10s;
static constexpr std::chrono::milliseconds longestBackoff = 1h;
static constexpr qsizetype mostResultBytes = 1024 * 1024;

static bool mayPass(Error::Code code)
{
    return code == Error::Code::Unavailable || code == Error::Code::DeadlineExceeded
        || code == Error::Code::ResourceExhausted;
}

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

    void log(const QString &text) override { m_queue.log(m_task.id, text); }

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
            const bool isHopeless = error.code() != Error::Code::Internal && !mayPass(error.code());
            if (isHopeless || !pauseBeforeRetry(pause))
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
                    {},
                    [this, id](db::Connection &c) {
                        noteLastLine(id, store::lastLine(c, id));
                        return store::begin(c, id);
                    },
                    [this](const std::optional<Task> &task) {
                        if (task)
                            setStatus(task->id, task->status, 0, {});
                    })
                .future()
                .result();
        });
        if (!begun)
            return; // cancelled just before
        end(outcome(kind, *begun, token));
    } catch (const std::exception &error) {
        // The database said no to the last: the task stands there as it was, and is taken up at the next start.
        qCWarning(tasksLog, "task %lld: %s", static_cast<long long>(id), error.what());
    }
}

/// What it said is on disk with its end.
void Service::Queue::end(const Task &task)
{
    persistently(task.id, [this, &task, lines = takeUnsaved(task.id)] {
        return m_pool
            .write(
                {},
                [task, lines](db::Connection &c) {
                    store::appendLog(c, task.id, lines);
                    return store::end(c, task);
                },
                [this](const Task &ended) {
                    if (ended.status == TaskStatus::Queued && ended.runAt)
                        delay(ended);
                    else
                        finish(ended);
                })
            .future()
            .result();
    });
}

namespace {

struct Attempt
{
    QJsonObject result{};
    std::optional<Error> error{};
};

Attempt attemptOf(const Handler &handler, Job &job, const Task &task)
{
    const auto warn = [&job, &task](const char *what) {
        if (!job.stopToken().stop_requested())
            qCWarning(tasksLog, "task %lld (%s): %s", static_cast<long long>(task.id), qUtf8Printable(task.kind), what);
    };
    try {
        return { .result = handler(job) };
    } catch (const Error &error) {
        warn(error.what());
        return { .error = error };
    } catch (const std::exception &error) {
        warn(error.what());
        return { .error = Error(Error::Code::Conflict, u"internal error"_s) };
    }
}

/// @p task has failed: for good, or until a better time.
Task afterFailure(Task task, const Error &error, const KindOptions &options)
{
    const int most = task.maxAttempts.value_or(options.maxAttempts);
    ++task.failures;
    task.message = error.message();
    if (!mayPass(error.code()) || task.failures >= most) {
        task.status = TaskStatus::Failed;
        return task;
    }
    auto pause = options.backoff;
    for (int i = 1; i < task.failures && pause < longestBackoff; ++i)
        pause *= 2;
    task.status = TaskStatus::Queued;
    task.progress = 0;
    task.runAt = Clock::system().timestamp() + std::min(pause, longestBackoff);
    task.message
        = u"attempt %1 of %2 failed: %3"_s.arg(QString::number(task.failures), QString::number(most), error.message());
    return task;
}

std::chrono::milliseconds timeoutOf(const Task &task, const KindOptions &options)
{
    if (!task.timeoutSeconds)
        return options.timeout;
    return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(*task.timeoutSeconds));
}

void limitResult(Attempt &attempt)
{
    const qsizetype bytes = QJsonDocument(attempt.result).toJson(QJsonDocument::Compact).size();
    if (bytes > mostResultBytes)
        attempt
            = { .error = Error(Error::Code::PayloadTooLarge,
                               u"its result has %1 bytes, and %2 at most are kept"_s.arg(bytes).arg(mostResultBytes)) };
}

} // namespace

Task Service::Queue::outcome(const Kind &kind, Task task, const std::stop_token &token)
{
    {
        const std::lock_guard lock(m_mutex);
        m_live[task.id].attempt = task.attempts;
    }
    const auto timeout = timeoutOf(task, kind.options);
    if (timeout > 0ms)
        after(timeout, [id = task.id, attempt = task.attempts](Queue &queue) { queue.timeOut(id, attempt); });
    RunningJob job(*this, task, token);
    Attempt attempt = attemptOf(kind.handler, job, task);
    limitResult(attempt);
    {
        const std::lock_guard lock(m_mutex);
        const Live &live = m_live[task.id];
        task.progress = live.progress.progress;
        task.message = live.progress.message;
        task.result = attempt.result;
        const bool isTimedOut = live.isTimedOut && !live.isCancelled && !m_isStopping;
        if (isTimedOut && attempt.error)
            attempt.error = Error(Error::Code::DeadlineExceeded,
                                  u"it took longer than %1 s"_s.arg(std::chrono::duration<double>(timeout).count()));
        if (token.stop_requested() && !isTimedOut) {
            task.status = live.isCancelled ? TaskStatus::Cancelled : TaskStatus::Queued;
            return task;
        }
    }
    if (attempt.error) {
        task = afterFailure(std::move(task), *attempt.error, kind.options);
        log(task.id, task.message);
        return task;
    }
    task.status = TaskStatus::Completed;
    task.progress = 100;
    task.failures = 0;
    return task;
}

} // namespace godwit::tasks
