// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/signals.h"

#include "shared/core/error.h"

#include <QSocketNotifier>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#endif

using namespace Qt::StringLiterals;

namespace godwit::app {

#ifdef Q_OS_UNIX

namespace {

// A signal handler has only globals and async-signal-safe functions (signal-safety(7)). It notes what was asked for,
// and a byte in a pipe wakes the loop: the notes are flags, so that a storm of one signal cannot push out another.
int pipeEnds[2] = { -1, -1 };
std::atomic<int> stopsSeen = 0;
std::atomic<bool> stopWanted = false, reloadWanted = false;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

void handle(int signal)
{
    const int savedErrno = errno;
    if (signal == SIGHUP) {
        reloadWanted = true;
    } else {
        if (stopsSeen.fetch_add(1) > 0)
            ::_exit(1);
        stopWanted = true;
    }
    // A pipe that is full wakes the loop just as well.
    const char byte = 0;
    [[maybe_unused]] const auto written = ::write(pipeEnds[1], &byte, 1);
    errno = savedErrno;
}

void setHandler(int signal, void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
}

} // namespace

Signals::Signals()
{
    if (::pipe(pipeEnds) != 0)
        throw Error::internal(u"pipe: %1"_s.arg(qt_error_string()));
    for (const int end : pipeEnds) {
        ::fcntl(end, F_SETFL, O_NONBLOCK);
        ::fcntl(end, F_SETFD, FD_CLOEXEC);
    }
    stopsSeen = 0;
    stopWanted = reloadWanted = false;
    m_notifier = std::make_unique<QSocketNotifier>(pipeEnds[0], QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &Signals::read);
    for (const int signal : { SIGTERM, SIGINT, SIGHUP })
        setHandler(signal, handle);
    setHandler(SIGPIPE, SIG_IGN); // a client that has left is an error of the write, not our end
    setHandler(SIGXFSZ, SIG_IGN); // and so is a file at its limit
}

Signals::~Signals()
{
    for (const int signal : { SIGTERM, SIGINT, SIGHUP })
        setHandler(signal, SIG_DFL);
    m_notifier.reset();
    for (int &end : pipeEnds) {
        ::close(end);
        end = -1;
    }
}

void Signals::read()
{
    // Emptied before the flags are looked at: what comes later wakes us again.
    char bytes[4096];
    while (::read(pipeEnds[0], bytes, sizeof bytes) > 0) { }
    if (reloadWanted.exchange(false))
        Q_EMIT reloadRequested();
    if (stopWanted.exchange(false))
        Q_EMIT stopRequested();
}

#else

Signals::Signals() = default;
Signals::~Signals() = default;
void Signals::read() { }

#endif

} // namespace godwit::app
