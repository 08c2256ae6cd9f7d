// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/systemd.h"

#include <QString> // QByteArray's + as QT_USE_QSTRINGBUILDER has it

#ifdef GODWIT_HAS_SYSTEMD
#include <systemd/sd-daemon.h>
#include <time.h>
#endif
#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <unistd.h>
#endif

namespace godwit::app::systemd {

std::vector<int> takeInheritedSockets()
{
    std::vector<int> sockets;
#ifdef Q_OS_UNIX
    constexpr int first = 3; // SD_LISTEN_FDS_START
    const bool isForUs = qgetenv("LISTEN_PID").toLongLong() == qint64(::getpid());
    const int count = qEnvironmentVariableIntValue("LISTEN_FDS");
    for (const char *const name : { "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES" })
        qunsetenv(name);
    for (int i = 0; isForUs && i < count; ++i) {
        ::fcntl(first + i, F_SETFD, FD_CLOEXEC);
        sockets.push_back(first + i);
    }
#endif
    return sockets;
}

#ifdef GODWIT_HAS_SYSTEMD

void notifyReady(const QByteArray &status)
{
    ::sd_notify(0, QByteArray("READY=1\nSTATUS=" + status).constData());
}

void notifyStopping()
{
    ::sd_notify(0, "STOPPING=1\nSTATUS=draining");
}

void notifyReloading()
{
    timespec now = {};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const qint64 microseconds = qint64(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
    ::sd_notify(0, QByteArray("RELOADING=1\nMONOTONIC_USEC=" + QByteArray::number(microseconds)).constData());
}

void notifyAlive()
{
    ::sd_notify(0, "WATCHDOG=1");
}

std::chrono::microseconds watchdogInterval()
{
    uint64_t microseconds = 0;
    return ::sd_watchdog_enabled(0, &microseconds) > 0 ? std::chrono::microseconds(microseconds)
                                                       : std::chrono::microseconds(0);
}

#else

void notifyReady(const QByteArray &) { }
void notifyStopping() { }
void notifyReloading() { }
void notifyAlive() { }
std::chrono::microseconds watchdogInterval()
{
    return std::chrono::microseconds(0);
}

#endif

} // namespace godwit::app::systemd
