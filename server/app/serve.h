// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/config/load.h"

namespace godwit::app {

/// Gives the main thread our event dispatcher, if there is one for this platform. Before the QCoreApplication is made.
void installEventDispatcher();

/// `godwitd serve`: until SIGTERM or SIGINT. Blocks; @return the exit code. Throws Error where it cannot start.
int serve(const config::Loaded &loaded);

} // namespace godwit::app
