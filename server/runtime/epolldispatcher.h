// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/runtime/descriptorwatch.h"
#include "server/runtime/loopturn.h"
#include "server/runtime/timerqueue.h"

#include <array>
#include <atomic>
#include <memory>
#include <vector>

struct epoll_event;

namespace godwit::runtime {

/// An event dispatcher on epoll, from Qt's public API alone. Qt's own two call poll() with every descriptor at every
/// turn, so that idle connections slow down the busy ones; here they cost nothing.
///
/// - Changes of interest are gathered and applied just before the wait: switching a write notifier on and off within a
///   turn costs no system call.
/// - When the last watcher of a descriptor goes, it leaves epoll at once and its generation moves on, so that events
///   fetched for it do not reach whatever gets the same number next.
/// - A nested loop makes the outer one drop the rest of its batch. Level-triggered: nothing is lost.
/// - Of several loops that wait for the connections of one listening socket, one is woken (EPOLLEXCLUSIVE).
/// - Regular files, which epoll refuses (EPERM), count as always ready, as poll() has it.
class EpollDispatcher final : public SinkDispatcher
{
public:
    explicit EpollDispatcher(QObject *parent = nullptr);
    ~EpollDispatcher() override;

    void watch(int descriptor, DescriptorSink *sink) override;
    void setInterest(int descriptor, DescriptorEvents interest) override;
    void unwatch(int descriptor) override;

    bool processEvents(QEventLoop::ProcessEventsFlags flags) override;
    void registerSocketNotifier(QSocketNotifier *notifier) override;
    void unregisterSocketNotifier(QSocketNotifier *notifier) override;

    using QAbstractEventDispatcher::registerTimer;
    void registerTimer(int id, qint64 interval, Qt::TimerType type, QObject *object) override;
    bool unregisterTimer(int id) override;
    bool unregisterTimers(QObject *object) override;
    QList<TimerInfo> registeredTimers(QObject *object) const override;
    int remainingTime(int id) override;

    void wakeUp() override; // any thread
    void interrupt() override; // any thread

private:
    struct Entry
    {
        std::array<QSocketNotifier *, 3> notifiers{}; // by QSocketNotifier::Type
        DescriptorSink *sink = nullptr;
        quint32 sinkInterest = 0;
        quint32 generation = 0;
        quint32 armed = 0; // what epoll knows
        bool inEpoll = false, changed = false, alwaysReady = false;
        bool isExclusive = false; // of several loops that wait for it, one is woken

        quint32 wanted() const;
    };

    bool isOwn(const QObject *object, const char *what) const;
    Entry &entry(int descriptor);
    void markChanged(int descriptor, Entry &entry);
    void applyChanges();
    void arm(int descriptor, quint32 wanted);
    void leaveEpoll(int descriptor, Entry &entry);
    void disable(int descriptor, int error);

    int waitAndDispatch(bool mayWait, bool withTimers);
    int waitForWakeUpOnly(bool mayWait, bool withTimers);
    int timeout(bool mayWait, bool withTimers, TimePoint now) const;
    bool dispatch(int descriptor, quint32 generation, quint32 events, quint64 serial);
    bool dispatchToNotifiers(int descriptor, quint32 generation, quint32 events, quint64 serial);
    int dispatchAlwaysReady(quint64 serial);
    epoll_event *buffer();

    int m_epoll = -1;
    int m_wakeDescriptor = -1;
    std::atomic<bool> m_wakeRequested{ false };
    std::atomic<bool> m_interrupted{ false };
    std::atomic<Qt::HANDLE> m_loopThread{ nullptr };
    quint64 m_serial = 0; // of the latest processEvents(); a nested one bumps it
    size_t m_depth = 0;
    std::vector<std::unique_ptr<epoll_event[]>> m_buffers; // one for each depth of nesting
    std::vector<Entry> m_entries; // by descriptor
    std::vector<int> m_changed;
    std::vector<int> m_alwaysReady;
    TimerQueue m_timers;
    LoopTurn m_turn;
};

} // namespace godwit::runtime
