// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/runtime/options.h"

#include <QThread>

#include <functional>
#include <memory>
#include <vector>

class QAbstractEventDispatcher;

namespace godwit::runtime {

/// One event-loop thread with our dispatcher (epoll on Linux, Qt's own elsewhere). Connections, their sockets and their
/// handlers live and die on one. Handlers never block here. Needs a QCoreApplication.
class Reactor
{
    Q_DISABLE_COPY_MOVE(Reactor)

public:
    /// @param role in the thread's name.
    Reactor(int index, const Options &options, const QString &role = QStringLiteral("io"));
    ~Reactor(); ///< stop()s

    int index() const { return m_index; }
    /// Runs @p work in the reactor's thread, from its loop; in order of posting from one thread. Any thread.
    /// Not run if the reactor stops first; destroyed there or here then. A burst of posts costs one wake-up.
    /// What @p work throws ends the process: there is nobody to tell.
    void post(std::function<void()> work);
    /// Runs @p work there and waits for it; throws what it throws. At once returns, without having run it, if the
    /// reactor has stopped. Not from a reactor.
    void call(const std::function<void()> &work);
    bool isCurrent() const { return current() == this; }
    /// The one whose thread this is, or null.
    static Reactor *current();

    /// Runs what has been posted so far, ends the loop and waits for the thread. What belongs to the thread has to be
    /// destroyed there before. Coroutines that still wait there get a second for their results, and never resume after
    /// it; see async::Mailbox. Not from a reactor.
    void stop();

private:
    struct Private;
    const int m_index;
    std::unique_ptr<Private> d;
};

/// All reactors of a server. Lives in the main thread.
class ReactorGroup
{
    Q_DISABLE_COPY_MOVE(ReactorGroup)

public:
    explicit ReactorGroup(const Options &options = {});
    ~ReactorGroup();

    int size() const { return int(m_reactors.size()); }
    Reactor &at(int index) { return *m_reactors[size_t(index)]; }
    /// Posts a copy of @p work to each reactor; it is given the reactor's index.
    void postToAll(const std::function<void(int index)> &work);
    /// Runs it on each, at the same time, and waits for all; throws the first thing that one of them threw. Not from a
    /// reactor.
    void callOnAll(const std::function<void(int index)> &work);
    /// Each of them, see Reactor::stop().
    void stop();

private:
    std::vector<std::unique_ptr<Reactor>> m_reactors;
};

/// A fresh dispatcher for QThread::setEventDispatcher() and, before the application object is made,
/// QCoreApplication::setEventDispatcher(). Null where Qt's own is the best there is: then leave it alone.
QAbstractEventDispatcher *makeEventDispatcher();

/// Raises the soft limit of open files to the hard one; returns the limit in force, -1 if it is unknown.
qint64 raiseOpenFileLimit();

} // namespace godwit::runtime
