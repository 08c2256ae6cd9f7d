// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <chrono>

/// What systemd is told of a service of Type=notify (sd_notify(3)); nothing where there is none.
namespace godwit::app::systemd {

void notifyReady(const QByteArray &status);
void notifyStopping();
void notifyReloading();
void notifyAlive();

/// WatchdogSec= of the unit; zero: nobody watches.
std::chrono::microseconds watchdogInterval();

} // namespace godwit::app::systemd
