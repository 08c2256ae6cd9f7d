// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/router.h"
#include "server/sensors/service.h"

namespace godwit::sensors {

/// `/api/readings`, `/api/alerts` and what is below them, and `/ws/realtime`. Who has logged in may read; members send
/// readings, operators make and remove rules.
void addSensorRoutes(http::Router &router, Service &service);

} // namespace godwit::sensors
