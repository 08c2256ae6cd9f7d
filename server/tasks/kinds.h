// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/search/service.h"
#include "server/tasks/service.h"

namespace godwit::tasks {

/// What every server can do:
/// - `import` `{paths: ["/folder", ...]}`: reads files of this machine into the search; the result is ImportReport's.
/// - `sleep` `{seconds: 10, steps: 10}`: waits, to try things out.
/// @p search outlives @p service.
void addStandardKinds(Service &service, search::Service &search);

} // namespace godwit::tasks
