// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/systemd.h"

#include <QString> // QByteArray's + as QT_USE_QSTRINGBUILDER has it

#ifdef GODWIT_HAS_SYSTEMD
#include <systemd/sd-daemon.h>
#include <time.h>
#endif

namespace godwit::app::systemd {

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
