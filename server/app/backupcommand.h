// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/config/load.h"

namespace godwit::app {

// Show their progress on standard error where that is a terminal. SIGINT and SIGTERM end them, with nothing changed.
// Block;
// @return the exit code. Throw Error.

/// `godwitd backup`: copies the database, whether or not a daemon uses it, to @p file, which must not exist.
int backUp(const QString &file, const config::Loaded &loaded);

/// `godwitd restore`: puts @p file in the place of the database, which is kept beside it under another name.
/// Error::Conflict while a daemon has the folder, and where @p file is damaged, no database of this program, or of a
/// newer version; one of an older version is brought up to date.
int restore(const QString &file, const config::Loaded &loaded);

} // namespace godwit::app
