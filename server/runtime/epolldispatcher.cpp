// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/runtime/epolldispatcher.h"

#include <QCoreApplication>
#include <QLoggingCategory>
#include <QScopeGuard>
#include <QSocketNotifier>
#include <QThread>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace godwit::runtime {

Q_LOGGING_CATEGORY(lcDispatcher, "godwit.runtime.dispatcher", QtWarningMsg)

static constexpr int batchSize = 1024; // more than are ready at once but in an overload: see LoopTurn
static constexpr quint64 wakeTag = ~quint64(0);
static constexpr quint32 failures = EPOLLERR | EPOLLHUP; // reported whether asked for or not

static_assert(quint32(DescriptorEvent::Readable) == EPOLLIN && quint32(DescriptorEvent::Writable) == EPOLLOUT
              && quint32(DescriptorEvent::Failed) == EPOLLERR && quint32(DescriptorEvent::HungUp) == EPOLLHUP);

static bool isListening(int descriptor)
{
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value;
}

EpollDispatcher::EpollDispatcher(QObject *parent)
    : SinkDispatcher(parent),
      m_epoll(::epoll_create1(EPOLL_CLOEXEC)),
      m_wakeDescriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
{
    if (m_epoll < 0 || m_wakeDescriptor < 0)
        qFatal("godwit: no descriptors left for an event loop: %s", std::strerror(errno));
    // Edge-triggered: each write is an edge, so that the counter need not be read back.
    epoll_event event{ .events = EPOLLIN | EPOLLET, .data = { .u64 = wakeTag } };
    ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_wakeDescriptor, &event);
}

EpollDispatcher::~EpollDispatcher()
{
    ::close(m_wakeDescriptor);
    ::close(m_epoll);
}

// ---- the loop

bool EpollDispatcher::processEvents(QEventLoop::ProcessEventsFlags flags)
{
    m_interrupted.store(false, std::memory_order_relaxed);
    if (m_loopThread.load(std::memory_order_relaxed) != QThread::currentThreadId())
        m_loopThread.store(QThread::currentThreadId(), std::memory_order_relaxed);
    Q_EMIT awake();
    QCoreApplication::sendPostedEvents();

    const bool withTimers = !flags.testFlag(QEventLoop::X11ExcludeTimers);
    const bool withDescriptors = !flags.testFlag(QEventLoop::ExcludeSocketNotifiers);
    const bool mayWait = flags.testFlag(QEventLoop::WaitForMoreEvents) && !m_interrupted.load(std::memory_order_acquire)
        && !m_wakeRequested.load(std::memory_order_acquire);
    if (mayWait)
        Q_EMIT aboutToBlock();
    if (m_interrupted.load(std::memory_order_acquire))
        return false;

    int handled = withDescriptors ? waitAndDispatch(mayWait, withTimers) : waitForWakeUpOnly(mayWait, withTimers);
    if (withTimers)
        handled += m_timers.fireDue(std::chrono::steady_clock::now());
    return handled > 0;
}

int EpollDispatcher::waitAndDispatch(bool mayWait, bool withTimers)
{
    const quint64 serial = ++m_serial;
    applyChanges();
    epoll_event *const events = buffer();
    ++m_depth;
    const auto leave = qScopeGuard([this] { --m_depth; });

    // Asked for last: what ran since aboutToBlock() in this thread may have requested a wake-up without a write.
    const TimePoint began = std::chrono::steady_clock::now();
    const int span = timeout(mayWait, withTimers, began);
    const int count = ::epoll_wait(m_epoll, events, batchSize, span);
    m_turn.looked(began, std::chrono::steady_clock::now(), span != 0);
    if (count < 0 && errno != EINTR)
        qCWarning(lcDispatcher, "epoll_wait: %s", std::strerror(errno));

    // Posted events are sent at the next turn, before it waits. What is posted from here on requests anew.
    int handled = m_wakeRequested.exchange(false, std::memory_order_acq_rel);
    for (int i = 0; i < count && serial == m_serial; ++i) {
        const quint64 tag = events[i].data.u64;
        if (tag != wakeTag)
            handled += dispatch(int(tag & 0xffffffff), quint32(tag >> 32), events[i].events, serial);
    }
    return handled + dispatchAlwaysReady(serial);
}

int EpollDispatcher::waitForWakeUpOnly(bool mayWait, bool withTimers)
{
    ++m_serial;
    pollfd wake{ .fd = m_wakeDescriptor, .events = POLLIN, .revents = 0 };
    if (::poll(&wake, 1, timeout(mayWait, withTimers, std::chrono::steady_clock::now())) > 0) {
        eventfd_t count;
        ::eventfd_read(m_wakeDescriptor, &count); // poll() is level-triggered
    }
    return m_wakeRequested.exchange(false, std::memory_order_acq_rel);
}

int EpollDispatcher::timeout(bool mayWait, bool withTimers, TimePoint now) const
{
    using namespace std::chrono;
    if (!mayWait || !m_alwaysReady.empty() || m_wakeRequested.load(std::memory_order_acquire))
        return 0;
    const auto due = withTimers ? m_timers.nextDue() : std::nullopt;
    if (!due)
        return -1;
    return int(std::clamp(ceil<milliseconds>(*due - now), milliseconds(0), milliseconds(hours(24))).count());
}

epoll_event *EpollDispatcher::buffer()
{
    if (m_depth == m_buffers.size())
        m_buffers.push_back(std::make_unique<epoll_event[]>(batchSize));
    return m_buffers[m_depth].get();
}

void EpollDispatcher::wakeUp()
{
    if (m_wakeRequested.exchange(true, std::memory_order_acq_rel))
        return;
    // The loop's own thread is awake, and looks before it waits: postEvent() to oneself costs no system call.
    if (m_loopThread.load(std::memory_order_relaxed) != QThread::currentThreadId())
        ::eventfd_write(m_wakeDescriptor, 1);
}

void EpollDispatcher::interrupt()
{
    m_interrupted.store(true, std::memory_order_release);
    wakeUp();
}

// ---- descriptors

quint32 EpollDispatcher::Entry::wanted() const
{
    if (sink)
        return sinkInterest;
    return (notifiers[QSocketNotifier::Read] ? quint32(EPOLLIN) : 0)
        | (notifiers[QSocketNotifier::Write] ? quint32(EPOLLOUT) : 0)
        | (notifiers[QSocketNotifier::Exception] ? quint32(EPOLLPRI) : 0);
}

bool EpollDispatcher::isOwn(const QObject *object, const char *what) const
{
    if (object->thread() == thread() && thread() == QThread::currentThread())
        return true;
    qCWarning(lcDispatcher, "%s cannot be started or stopped from another thread", what);
    return false;
}

EpollDispatcher::Entry &EpollDispatcher::entry(int descriptor)
{
    if (size_t(descriptor) >= m_entries.size())
        m_entries.resize(size_t(descriptor) + 64);
    return m_entries[size_t(descriptor)];
}

void EpollDispatcher::markChanged(int descriptor, Entry &entry)
{
    if (!std::exchange(entry.changed, true))
        m_changed.push_back(descriptor);
}

void EpollDispatcher::applyChanges()
{
    // NOLINTNEXTLINE(modernize-loop-convert): disabling a notifier may append
    for (size_t i = 0; i < m_changed.size(); ++i) {
        Entry &entry = m_entries[size_t(m_changed[i])];
        entry.changed = false;
        const quint32 wanted = entry.wanted();
        // A sink without interest stays in epoll if it is there: it is still told of a failure.
        if (entry.alwaysReady || wanted == entry.armed || (!wanted && !entry.inEpoll))
            continue;
        arm(m_changed[i], wanted);
    }
    m_changed.clear();
}

void EpollDispatcher::arm(int descriptor, quint32 wanted)
{
    Entry &entry = m_entries[size_t(descriptor)];
    epoll_event event{ .events = wanted, .data = { .u64 = quint64(entry.generation) << 32 | quint32(descriptor) } };
    if (entry.inEpoll && std::exchange(entry.isExclusive, false)) { // which cannot be changed (epoll_ctl(2))
        ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, descriptor, nullptr);
        entry.inEpoll = false;
    }
    if (!entry.inEpoll && !entry.sink && wanted == EPOLLIN && isListening(descriptor)) {
        event.events |= EPOLLEXCLUSIVE;
        entry.isExclusive = true;
    }
    int result = ::epoll_ctl(m_epoll, entry.inEpoll ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event);
    if (result < 0 && errno == EEXIST) { // still there by a duplicate of a descriptor that was closed too early
        ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, descriptor, nullptr);
        result = ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, descriptor, &event);
    } else if (result < 0 && errno == ENOENT) { // closed too early, and its number used again
        result = ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, descriptor, &event);
    }
    entry.armed = wanted;
    if (result == 0) {
        entry.inEpoll = true;
    } else if (errno == EPERM) {
        entry.alwaysReady = true;
        m_alwaysReady.push_back(descriptor);
    } else {
        disable(descriptor, errno);
    }
}

void EpollDispatcher::disable(int descriptor, int error)
{
    qCWarning(lcDispatcher, "descriptor %d: %s; no longer watched", descriptor, std::strerror(error));
    Entry &entry = m_entries[size_t(descriptor)];
    entry.inEpoll = false;
    entry.armed = 0;
    entry.sinkInterest = 0;
    for (QSocketNotifier *const notifier : std::array(entry.notifiers)) {
        if (notifier)
            notifier->setEnabled(false); // comes back through unregisterSocketNotifier()
    }
}

void EpollDispatcher::leaveEpoll(int descriptor, Entry &entry)
{
    if (entry.inEpoll)
        ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, descriptor, nullptr);
    if (entry.alwaysReady)
        std::erase(m_alwaysReady, descriptor);
    entry.inEpoll = entry.alwaysReady = entry.isExclusive = false;
    entry.armed = 0;
    ++entry.generation;
}

bool EpollDispatcher::dispatch(int descriptor, quint32 generation, quint32 events, quint64 serial)
{
    Entry &entry = m_entries[size_t(descriptor)];
    if (entry.generation != generation)
        return false;
    if (!entry.sink)
        return dispatchToNotifiers(descriptor, generation, events, serial);
    const quint32 wanted = events & (entry.sinkInterest | failures);
    if (!wanted)
        return false;
    if (!(wanted & entry.sinkInterest))
        leaveEpoll(descriptor, entry); // told once: a failure stays, and would be reported at every turn
    entry.sink->descriptorReady(DescriptorEvents::fromInt(DescriptorEvents::Int(wanted)));
    return true;
}

bool EpollDispatcher::dispatchToNotifiers(int descriptor, quint32 generation, quint32 events, quint64 serial)
{
    static constexpr struct
    {
        QSocketNotifier::Type type;
        quint32 interest;
    } kinds[] = { { QSocketNotifier::Read, EPOLLIN },
                  { QSocketNotifier::Write, EPOLLOUT },
                  { QSocketNotifier::Exception, EPOLLPRI } };
    bool sent = false;
    const quint32 armed = m_entries[size_t(descriptor)].armed;
    for (const auto &kind : kinds) {
        const Entry &entry = m_entries[size_t(descriptor)]; // may have moved
        if (serial != m_serial || entry.generation != generation)
            break; // a nested loop has run, or the descriptor was closed and perhaps used again
        QSocketNotifier *const notifier = entry.notifiers[kind.type];
        if (!notifier || !(armed & kind.interest) || !(events & (kind.interest | failures)))
            continue;
        QEvent event(QEvent::SockAct);
        QCoreApplication::sendEvent(notifier, &event);
        sent = true;
    }
    return sent;
}

int EpollDispatcher::dispatchAlwaysReady(quint64 serial)
{
    if (m_alwaysReady.empty())
        return 0;
    int handled = 0;
    for (const int descriptor : std::vector(m_alwaysReady)) { // a copy: handlers change it
        const Entry &entry = m_entries[size_t(descriptor)];
        if (serial == m_serial && entry.alwaysReady)
            handled += dispatch(descriptor, entry.generation, entry.wanted() & (EPOLLIN | EPOLLOUT), serial);
    }
    return handled;
}

void EpollDispatcher::watch(int descriptor, DescriptorSink *sink)
{
    Q_ASSERT(thread() == QThread::currentThread());
    Entry &watched = entry(descriptor);
    Q_ASSERT(!watched.sink && watched.notifiers == decltype(watched.notifiers){});
    watched.sink = sink;
    watched.sinkInterest = 0;
}

void EpollDispatcher::setInterest(int descriptor, DescriptorEvents interest)
{
    Entry &watched = m_entries[size_t(descriptor)];
    watched.sinkInterest = quint32(interest.toInt());
    markChanged(descriptor, watched);
}

void EpollDispatcher::unwatch(int descriptor)
{
    Q_ASSERT(thread() == QThread::currentThread());
    Entry &watched = m_entries[size_t(descriptor)];
    leaveEpoll(descriptor, watched);
    watched.sink = nullptr;
    watched.sinkInterest = 0;
}

void EpollDispatcher::registerSocketNotifier(QSocketNotifier *notifier)
{
    if (!isOwn(notifier, "QSocketNotifier"))
        return;
    const int descriptor = int(notifier->socket());
    Entry &watched = entry(descriptor);
    QSocketNotifier *&place = watched.notifiers[size_t(notifier->type())];
    if (watched.sink || (place && place != notifier))
        qCWarning(lcDispatcher, "descriptor %d is watched twice", descriptor);
    place = notifier;
    markChanged(descriptor, watched);
}

void EpollDispatcher::unregisterSocketNotifier(QSocketNotifier *notifier)
{
    const int descriptor = int(notifier->socket());
    if (descriptor < 0 || size_t(descriptor) >= m_entries.size() || !isOwn(notifier, "QSocketNotifier"))
        return;
    Entry &watched = m_entries[size_t(descriptor)];
    QSocketNotifier *&place = watched.notifiers[size_t(notifier->type())];
    if (place != notifier)
        return;
    place = nullptr;
    if (watched.sink)
        return;
    if (watched.notifiers == decltype(watched.notifiers){})
        leaveEpoll(descriptor, watched); // now: the descriptor is about to be closed and may come again in this batch
    else
        markChanged(descriptor, watched);
}

// ---- timers

void EpollDispatcher::registerTimer(int id, qint64 interval, Qt::TimerType type, QObject *object)
{
    if (isOwn(object, "QTimer"))
        m_timers.add(id, std::chrono::milliseconds(interval), type, object, std::chrono::steady_clock::now());
}

bool EpollDispatcher::unregisterTimer(int id)
{
    return m_timers.remove(id);
}

bool EpollDispatcher::unregisterTimers(QObject *object)
{
    return m_timers.removeAll(object);
}

QList<EpollDispatcher::TimerInfo> EpollDispatcher::registeredTimers(QObject *object) const
{
    return m_timers.timersOf(object);
}

int EpollDispatcher::remainingTime(int id)
{
    const auto remaining = m_timers.remaining(id, std::chrono::steady_clock::now());
    return remaining ? int(remaining->count()) : -1;
}

} // namespace godwit::runtime
