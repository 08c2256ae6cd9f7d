// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/tasks/service.h"
#include "shared/core/clock.h"

#include <QTimer>

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

namespace godwit::tasks {

/// What Service knows in memory: who waits, who runs, and how far it is. The database has the truth; this begins the
/// next one as soon as a place of its kind is free.
class Service::Queue final : public std::enable_shared_from_this<Service::Queue>
{
public:
    Queue(db::Pool &pool, runtime::BlockingPool &threads);

    void addKind(const QString &kind, Handler handler, KindOptions options);
    void check(const protocol::NewTask &task, const protocol::Principal &caller) const;
    void addListener(Listener listener);

    /// For the trailing progress of a burst and for what the threads refused; null before it dies.
    void setTeller(QTimer *teller);
    void lookAgain(); ///< what it is for

    void resume(); ///< begin from now on
    void setPaused(bool isPaused);
    Figures figures() const;
    void stop();
    bool waitForStopped(std::chrono::milliseconds timeout);
    int runningCount() const;

    /// @p task waits; called after the commit.
    void add(const protocol::Task &task);
    /// @p task was cancelled: told, or told to stop.
    void cancelled(const protocol::Task &task);

    std::optional<Change> progress(qint64 id) const;
    /// With the progress that is not in the database yet, and how long it will take.
    protocol::Task withProgress(protocol::Task task) const;
    /// @p lines, and those that are not in the database yet.
    QList<protocol::TaskLogLine> withUnsaved(qint64 id, qint64 after, QList<protocol::TaskLogLine> lines) const;
    qint64 epoch() const { return m_epoch; }

private:
    /// The database need not know more exactly: after a restart the task begins again anyway.
    static constexpr std::chrono::seconds saveInterval{ 2 };
    class RunningJob;
    struct Live
    {
        protocol::TaskProgress progress;
        QString kind;
        int priority = 0;
        quint64 offset = 0;
        std::stop_source stop;
        bool isBegun = false; ///< has a place
        bool isCancelled = false; ///< by a user
        bool isUntold = false; ///< progress that listeners have not heard of
        bool isTimedOut = false;
        std::optional<Timestamp> readyAt{}; ///< delayed until then, and not waiting
        int attempt = 0;
        qint64 lastLine = 0;
        QList<protocol::TaskLogLine> unsaved{}; ///< of the log
        TimePoint toldAt{}, savedAt{};
    };
    struct Kind
    {
        Handler handler;
        KindOptions options;
        int running = 0;
        std::set<std::pair<int, qint64>> waiting; // (-priority, id): the first is the next
    };
    class Place;

    void beginNext();
    void run(qint64 id, const Kind &kind);
    template<class Attempt>
    std::invoke_result_t<Attempt> persistently(qint64 id, Attempt attempt);
    bool pauseBeforeRetry(std::chrono::milliseconds span);
    protocol::Task outcome(const Kind &kind, protocol::Task task, const std::stop_token &token);
    void end(const protocol::Task &task);
    void finish(const protocol::Task &task);
    void noteLastLine(qint64 id, qint64 line);
    void delay(const protocol::Task &task);
    void beginDelayed(qint64 id);
    void timeOut(qint64 id, int attempt);
    void after(std::chrono::milliseconds span, std::function<void(Queue &)> function);
    void log(qint64 id, const QString &text);
    QList<protocol::TaskLogLine> takeUnsaved(qint64 id);
    void leave(qint64 id, const QString &kind, bool wasRun);
    void tellUntold();
    void setProgress(qint64 id, double percent, const QString &message);
    void setStatus(qint64 id, protocol::TaskStatus status, double percent, const QString &message);
    void tell(qint64 id);
    void scheduleLook();

    db::Pool &m_pool;
    runtime::BlockingPool &m_threads;
    const qint64 m_epoch;

    mutable std::mutex m_mutex; // guards all below; never held while a listener or a handler runs
    std::condition_variable m_left, m_stopped;
    std::map<QString, Kind> m_kinds; // grows only before resume()
    std::map<qint64, Live> m_live; // queued and running
    std::vector<Listener> m_listeners;
    QTimer *m_teller = nullptr; // the service's, in the thread that made it
    quint64 m_offset = 0;
    int m_running = 0;
    bool m_isResumed = false, m_isPaused = false, m_isStopping = false, m_isLookScheduled = false;
    bool m_isShortOfThreads = false; // they refused a task: to be tried again soon

    std::mutex m_tellMutex; // taken before m_mutex: what is told of a task is in the order of its changes
};

} // namespace godwit::tasks
