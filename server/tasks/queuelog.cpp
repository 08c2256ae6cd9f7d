// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What the tasks say, and what is done later.
#include "server/tasks/queue.h"
#include "server/tasks/store.h"

using namespace std::chrono_literals;

namespace godwit::tasks {

using protocol::TaskLogLine;

static constexpr qsizetype longestLogLine = 1'000;

void Service::Queue::log(qint64 id, const QString &text)
{
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_live.find(id);
        if (found == m_live.end())
            return;
        Live &live = found->second;
        live.unsaved.append({ .line = ++live.lastLine,
                              .attempt = live.attempt,
                              .at = Clock::system().timestamp(),
                              .text = text.left(longestLogLine) });
        if (live.unsaved.size() > store::keptLogLines)
            live.unsaved.removeFirst();
        if (std::chrono::steady_clock::now() - live.savedAt < saveInterval)
            return;
        live.savedAt = std::chrono::steady_clock::now();
    }
    m_pool.write({}, [id, lines = takeUnsaved(id)](db::Connection &c) { store::appendLog(c, id, lines); });
}

QList<TaskLogLine> Service::Queue::takeUnsaved(qint64 id)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_live.find(id);
    return found == m_live.end() ? QList<TaskLogLine>() : std::exchange(found->second.unsaved, {});
}

QList<TaskLogLine> Service::Queue::withUnsaved(qint64 id, qint64 after, QList<TaskLogLine> lines) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_live.find(id);
    if (found == m_live.end())
        return lines;
    const qint64 last = lines.isEmpty() ? after : lines.last().line;
    for (const TaskLogLine &line : found->second.unsaved) {
        if (line.line > last)
            lines.append(line);
    }
    return lines;
}

void Service::Queue::noteLastLine(qint64 id, qint64 line)
{
    const std::lock_guard lock(m_mutex);
    if (const auto live = m_live.find(id); live != m_live.end())
        live->second.lastLine = std::max(live->second.lastLine, line);
}

/// On the teller's thread. Not at all once there is none, which is at the end.
void Service::Queue::after(std::chrono::milliseconds span, std::function<void(Queue &)> function)
{
    const std::lock_guard lock(m_mutex);
    if (!m_teller)
        return;
    const auto begin = [teller = m_teller, span, queue = weak_from_this(), function = std::move(function)] {
        QTimer::singleShot(std::max(span, 0ms), teller, [queue, function] {
            if (const auto alive = queue.lock())
                function(*alive);
        });
    };
    QMetaObject::invokeMethod(m_teller, begin, Qt::QueuedConnection);
}

/// Tells it to stop, if it is still the same attempt.
void Service::Queue::timeOut(qint64 id, int attempt)
{
    std::optional<std::stop_source> running;
    {
        const std::lock_guard lock(m_mutex);
        const auto live = m_live.find(id);
        if (live == m_live.end() || !live->second.isBegun || live->second.attempt != attempt
            || live->second.stop.stop_requested())
            return;
        live->second.isTimedOut = true;
        running = live->second.stop;
    }
    running->request_stop();
}

} // namespace godwit::tasks
