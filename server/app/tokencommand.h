// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/app/arguments.h"

namespace godwit::app {

/// `godwitd token`: tokens for programs, on the data folder or through the daemon that has it. The token that was made
/// is the one line on standard output. Blocks; @return the exit code. Throws Error.
int manageTokens(const Arguments::TokenRequest &request, const config::Loaded &loaded);

} // namespace godwit::app
