// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/router.h"
#include "server/tasks/schedules.h"

namespace godwit::tasks {

/// GET and POST /api/schedules, GET, PATCH and DELETE /api/schedules/{id}. @p schedules outlive the router.
void addScheduleRoutes(http::Router &router, Schedules &schedules);

} // namespace godwit::tasks
