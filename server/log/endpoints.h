// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/router.h"
#include "server/log/eventlog.h"

namespace godwit::log {

/// GET /api/stream. @p events outlives the router.
void addStreamRoute(http::Router &router, EventLog &events);

} // namespace godwit::log
