// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/tasks/queue.h"

using namespace Qt::StringLiterals;

namespace godwit::tasks {

using protocol::Task;
using protocol::TaskStatus;

/// A place of a kind. Given back when the work has been done, and also if the threads refused it.
class Service::Queue::Place
{
public:
    Place(std::shared_ptr<Queue> queue, qint64 id, QString kind)
        : m_queue(std::move(queue)),
          m_id(id),
          m_kind(std::move(kind))
    {
    }
    Place(Place &&other) noexcept = default;
    Place &operator=(Place &&) = delete;
    ~Place()
    {
        if (m_queue)
            m_queue->leave(m_id, m_kind, m_wasRun);
    }
    void use(const Kind &kind)
    {
        m_wasRun = true;
        m_queue->run(m_id, kind);
    }

private:
    std::shared_ptr<Queue> m_queue; // keeps it alive while a thread is in it
    qint64 m_id;
    QString m_kind;
    bool m_wasRun = false;
};

Service::Queue::Queue(db::Pool &pool, runtime::BlockingPool &threads)
    : m_pool(pool),
      m_threads(threads),
      m_epoch(Clock::system().timestamp().time_since_epoch().count())
{
}

void Service::Queue::addKind(const QString &kind, Handler handler, KindOptions options)
{
    const std::lock_guard lock(m_mutex);
    m_kinds[kind] = { .handler = std::move(handler), .options = std::move(options), .running = 0, .waiting = {} };
}

/// What is not known may have been meant to be something else.
static void checkNames(const protocol::NewTask &task, const KindOptions &options)
{
    for (auto param = task.params.begin(); options.params && param != task.params.end(); ++param) {
        if (options.params->contains(param.key()))
            continue;
        const QString takes = options.params->isEmpty() ? u"none"_s : options.params->join(u", "_s);
        throw Error(Error::Code::FailedValidation,
                    u"\"params\" has \"%1\", which the kind %2 does not know; it takes %3"_s.arg(param.key().left(100),
                                                                                                 task.kind, takes));
    }
}

void Service::Queue::check(const protocol::NewTask &task, const protocol::Principal &caller) const
{
    std::unique_lock lock(m_mutex);
    const auto kind = m_kinds.find(task.kind);
    if (kind == m_kinds.end()) {
        QStringList names;
        for (const auto &[name, known] : m_kinds)
            names.append(name);
        throw Error(Error::Code::FailedValidation,
                    u"\"kind\" must be one of %1, not \"%2\""_s.arg(names.join(u", "_s), task.kind.left(100)));
    }
    lock.unlock();
    const KindOptions &options = kind->second.options;
    if (!caller.may(options.leastRole))
        throw Error(Error::Code::PermissionDenied,
                    u"a task of the kind %1 needs the role %2"_s.arg(task.kind, protocol::toString(options.leastRole)));
    checkNames(task, options);
    if (options.check)
        options.check(task.params);
    if (options.checkCaller)
        options.checkCaller(task.params, caller);
}

void Service::Queue::addListener(Listener listener)
{
    const std::lock_guard lock(m_mutex);
    m_listeners.push_back(std::move(listener));
}

void Service::Queue::resume()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isResumed = true;
    }
    beginNext();
}

void Service::Queue::setPaused(bool isPaused)
{
    {
        const std::lock_guard lock(m_mutex);
        m_isPaused = isPaused;
    }
    beginNext();
}

Service::Figures Service::Queue::figures() const
{
    const std::lock_guard lock(m_mutex);
    Figures figures{ .isPaused = m_isPaused, .running = m_running, .waiting = 0, .delayed = 0, .kinds = {} };
    for (const auto &[name, kind] : m_kinds) {
        figures.waiting += int(kind.waiting.size());
        figures.kinds.push_back({ .name = name,
                                  .running = kind.running,
                                  .waiting = int(kind.waiting.size()),
                                  .concurrency = kind.options.concurrency });
    }
    for (const auto &[id, live] : m_live)
        figures.delayed += live.readyAt.has_value();
    return figures;
}

void Service::Queue::stop()
{
    std::vector<std::stop_source> running;
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
        m_stopped.notify_all();
        for (const auto &[id, live] : m_live) {
            if (live.isBegun)
                running.push_back(live.stop);
        }
    }
    for (std::stop_source &stop : running)
        stop.request_stop(); // without the lock: runs the handlers' callbacks
}

bool Service::Queue::waitForStopped(std::chrono::milliseconds timeout)
{
    std::unique_lock lock(m_mutex);
    const auto isIdle = [this] { return m_running == 0; };
    if (timeout == timeout.max()) {
        m_left.wait(lock, isIdle);
        return true;
    }
    return m_left.wait_for(lock, timeout, isIdle);
}

int Service::Queue::runningCount() const
{
    const std::lock_guard lock(m_mutex);
    return m_running;
}

void Service::Queue::add(const Task &task)
{
    if (task.runAt && *task.runAt > Clock::system().timestamp()) {
        delay(task);
        return;
    }
    {
        const std::lock_guard lock(m_mutex);
        const auto kind = m_kinds.find(task.kind);
        if (kind == m_kinds.end())
            return; // of another version of the program: it waits in the database
        Live &live = m_live[task.id];
        live.kind = task.kind;
        live.priority = task.priority;
        live.progress = { .taskId = task.id, .progress = 0, .status = TaskStatus::Queued, .message = {} };
        live.readyAt.reset();
        kind->second.waiting.insert({ -task.priority, task.id });
    }
    tell(task.id);
    beginNext();
}

void Service::Queue::cancelled(const Task &task)
{
    std::optional<std::stop_source> running;
    {
        const std::lock_guard lock(m_mutex);
        const auto live = m_live.find(task.id);
        if (live == m_live.end())
            return;
        live->second.isCancelled = true;
        if (live->second.isBegun)
            running = live->second.stop;
        else
            m_kinds[task.kind].waiting.erase({ -task.priority, task.id });
    }
    if (running)
        running->request_stop();
    if (isFinal(task.status))
        finish(task);
}

/// @p task waits for a better time.
void Service::Queue::delay(const Task &task)
{
    {
        const std::lock_guard lock(m_mutex);
        if (!m_kinds.contains(task.kind))
            return;
        Live &live = m_live[task.id];
        live.kind = task.kind;
        live.priority = task.priority;
        live.isBegun = live.isTimedOut = false;
        live.readyAt = task.runAt;
    }
    setStatus(task.id, TaskStatus::Queued, 0, task.message);
    after(*task.runAt - Clock::system().timestamp(), [id = task.id](Queue &queue) { queue.beginDelayed(id); });
}

void Service::Queue::beginDelayed(qint64 id)
{
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_live.find(id);
        // It may have been cancelled meanwhile, and have failed once more since.
        if (found == m_live.end() || !found->second.readyAt || *found->second.readyAt > Clock::system().timestamp())
            return;
        Live &live = found->second;
        live.readyAt.reset();
        m_kinds[live.kind].waiting.insert({ -live.priority, id });
    }
    beginNext();
}

/// Takes places and hands them to the threads, without the lock: a refused one is given back at once.
void Service::Queue::beginNext()
{
    std::vector<std::pair<const Kind *, Place>> begun;
    {
        const std::lock_guard lock(m_mutex);
        if (!m_isResumed || m_isPaused || m_isStopping)
            return;
        for (auto &[name, kind] : m_kinds) {
            while (kind.running < kind.options.concurrency && !kind.waiting.empty()) {
                const qint64 id = kind.waiting.begin()->second;
                kind.waiting.erase(kind.waiting.begin());
                Live &live = m_live[id];
                live.isBegun = true;
                live.stop = {};
                live.isTimedOut = false;
                ++kind.running;
                ++m_running;
                begun.emplace_back(&kind, Place(shared_from_this(), id, name));
            }
        }
    }
    for (auto &[kind, place] : begun)
        m_threads.run({}, [kind = kind, place = std::move(place)]() mutable { place.use(*kind); });
}

void Service::Queue::leave(qint64 id, const QString &kindName, bool wasRun)
{
    {
        const std::lock_guard lock(m_mutex);
        Kind &kind = m_kinds[kindName];
        --kind.running;
        --m_running;
        const auto live = m_live.find(id);
        if (!wasRun && live != m_live.end()) {
            live->second.isBegun = false;
            kind.waiting.insert({ -live->second.priority, id });
            m_isShortOfThreads = true;
            scheduleLook();
        }
        m_left.notify_all();
    }
    if (wasRun)
        beginNext(); // otherwise the threads have no room
}

} // namespace godwit::tasks
