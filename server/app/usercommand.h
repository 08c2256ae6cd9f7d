// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/app/arguments.h"

namespace godwit::app {

/// `godwitd user`: on the database of the data folder, or through the daemon that has it, which then ends the logins of
/// those who were changed at once. A password is read from standard input. Blocks; @return the exit code. Throws Error.
int manageUsers(const Arguments::UserRequest &request, const config::Loaded &loaded);

} // namespace godwit::app
