// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/app/arguments.h"

namespace godwit::app {

/// `godwitd import`: into the database of the data folder, beside a daemon if one runs there, or through a running
/// daemon with --server. Shows its progress on standard error where that is a terminal, and says what it has done on
/// standard output. SIGINT and SIGTERM end it after the batch in work. Blocks; @return the exit code. Throws Error.
int import(const Arguments &arguments, const config::Loaded &loaded);

} // namespace godwit::app
