// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// How far the tasks are, and who is told of it.
#include "server/tasks/queue.h"
#include "server/tasks/store.h"

using namespace std::chrono_literals;

namespace godwit::tasks {

using protocol::Task;
using protocol::TaskStatus;

static constexpr auto tellInterval = 100ms;

static TimePoint now()
{
    return std::chrono::steady_clock::now();
}

/// The last that is told of @p task in this process.
void Service::Queue::finish(const Task &task)
{
    setStatus(task.id, task.status, task.progress, task.message);
    const std::lock_guard lock(m_mutex);
    m_live.erase(task.id);
}

void Service::Queue::setStatus(qint64 id, TaskStatus status, double percent, const QString &message)
{
    {
        const std::lock_guard lock(m_mutex);
        const auto live = m_live.find(id);
        if (live == m_live.end())
            return;
        live->second.progress = { .taskId = id, .progress = percent, .status = status, .message = message };
    }
    tell(id);
}

void Service::Queue::setProgress(qint64 id, double percent, const QString &message)
{
    bool isSaved = false, isTold = false;
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_live.find(id);
        if (found == m_live.end())
            return;
        Live &live = found->second;
        live.progress.progress = percent;
        live.progress.message = message;
        if (now() - live.savedAt >= saveInterval) {
            live.savedAt = now();
            isSaved = true;
        }
        isTold = now() - live.toldAt >= tellInterval;
        if (!isTold) {
            live.isUntold = true;
            scheduleLook();
        }
    }
    if (isTold)
        tell(id);
    if (!isSaved)
        return;
    m_pool.write({}, [id, percent, message, lines = takeUnsaved(id)](db::Connection &c) {
        store::saveProgress(c, id, percent, message);
        store::appendLog(c, id, lines);
    });
}

/// With the lock.
void Service::Queue::scheduleLook()
{
    if (m_isLookScheduled || !m_teller)
        return;
    m_isLookScheduled = true;
    QMetaObject::invokeMethod(m_teller, [teller = m_teller] { teller->start(tellInterval); }, Qt::QueuedConnection);
}

void Service::Queue::setTeller(QTimer *teller)
{
    const std::lock_guard lock(m_mutex);
    m_teller = teller;
}

void Service::Queue::lookAgain()
{
    bool begins = false;
    {
        const std::lock_guard lock(m_mutex);
        m_isLookScheduled = false;
        begins = std::exchange(m_isShortOfThreads, false);
    }
    tellUntold();
    if (begins)
        beginNext();
}

void Service::Queue::tellUntold()
{
    std::vector<qint64> untold;
    {
        const std::lock_guard lock(m_mutex);
        for (const auto &[id, live] : m_live) {
            if (live.isUntold)
                untold.push_back(id);
        }
    }
    for (const qint64 id : untold)
        tell(id);
}

void Service::Queue::tell(qint64 id)
{
    const std::lock_guard order(m_tellMutex);
    Change change;
    std::vector<Listener> listeners;
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_live.find(id);
        if (found == m_live.end())
            return;
        Live &live = found->second;
        live.toldAt = now();
        live.isUntold = false;
        live.offset = ++m_offset;
        change = { .progress = live.progress, .offset = live.offset };
        listeners = m_listeners;
    }
    for (const Listener &listener : listeners)
        listener(change);
}

std::optional<Service::Change> Service::Queue::progress(qint64 id) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_live.find(id);
    if (found == m_live.end())
        return {};
    return Change{ .progress = found->second.progress, .offset = found->second.offset };
}

Task Service::Queue::withProgress(Task task) const
{
    if (task.status != TaskStatus::Running)
        return task;
    if (const auto live = progress(task.id); live && live->progress.status == TaskStatus::Running) {
        task.progress = live->progress.progress;
        task.message = live->progress.message;
    }
    if (task.startedAt && task.progress > 0) {
        const std::chrono::duration<double> elapsed = Clock::system().timestamp() - *task.startedAt;
        task.etaSeconds = elapsed.count() * (100 - task.progress) / task.progress;
    }
    return task;
}

} // namespace godwit::tasks
