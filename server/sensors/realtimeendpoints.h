// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/router.h"
#include "server/sensors/service.h"
#include "server/websocket/options.h"

namespace godwit::sensors {

/// `/ws/realtime`. Each reactor has one timer for all of its connections with the same interval, and encodes once for
/// them. A client that does not keep up gets the newest, and what it missed is not sent.
void addRealtimeRoute(http::Router &router, const Service &service, const websocket::EndpointOptions &options);
websocket::EndpointOptions realtimeOptions();

} // namespace godwit::sensors
