// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/files/options.h"
#include "server/files/store.h"

namespace godwit::files {

/// Whether @p upload may begin, beside those that have. A job's work, in the transaction that adds it. Error::Conflict
/// if there is a file of its name, ResourceExhausted beyond what a user may have begun or announced,
/// UploadError::NoSpace beyond the quota, or alone beyond what a user may announce.
///
/// @param besides bytes that are not in the table yet.
void checkLimits(db::Connection &connection, const Upload &upload, const Options &options, qint64 besides);

} // namespace godwit::files
