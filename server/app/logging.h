// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/config/config.h"

namespace godwit::app {

/// Sends all of Qt's logging to standard error, a line a message, each in one write. Under systemd lines begin with
/// their priority (sd-daemon(3)). Call once, before threads are started.
void setUpLogging(const config::Log &log);

} // namespace godwit::app
