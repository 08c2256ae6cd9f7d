// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/config/config.h"
#include "server/operations/logfeed.h"

#include <functional>

namespace godwit::app {

/// Sends all of Qt's logging to standard error, a line a message, each in one write, or to systemd's journal, an entry
/// a message; what the journal does not take goes to standard error. Lines there begin with their priority where a
/// journal reads them (sd-daemon(3)). Call once, before threads are started.
void setUpLogging(const config::Log &log);

/// Takes the lines of the access log where the journal is the target; else empty. After setUpLogging().
std::function<void(const QByteArray &)> accessLogSink();

/// Has @p listener told of each line besides, in the thread that logs, one at a time; an empty one ends that, and waits
/// for a line that is just being told. It must not take a lock under which anything is logged.
void setLogListener(std::function<void(const operations::LogLine &)> listener);

} // namespace godwit::app
