// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <chrono>
#include <vector>

/// What systemd is told of a service of Type=notify (sd_notify(3)); nothing where there is none.
namespace godwit::app::systemd {

void notifyReady(const QByteArray &status);
void notifyStopping();
void notifyReloading();
void notifyAlive();

/// The sockets that were opened for us (sd_listen_fds(3)): by a socket unit, or by any other program that keeps to that
/// protocol, on any system. They are ours from now on: a second call returns none, and a child none at all. Before
/// there are threads: it changes the environment.
std::vector<int> takeInheritedSockets();

/// WatchdogSec= of the unit; zero: nobody watches.
std::chrono::microseconds watchdogInterval();

} // namespace godwit::app::systemd
