// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/metrics/inspectable.h"
#include "server/metrics/registry.h"
#include "server/outbound/client.h"
#include "server/outbound/webhooks.h"

/// What is seen of the requests that the server itself makes. All must outlive what they are added to.
namespace godwit::app {

/// For /metrics.
void addOutboundFigures(metrics::Registry &registry, const outbound::Client &client, const outbound::Webhooks &hooks);

/// For the engine room: the client as a pool, each host with its breaker (`trip`, `reset`) as an upstream, the webhooks
/// as a queue.
void addOutboundInspected(metrics::Registrations &registrations, outbound::Client &client,
                          const outbound::Webhooks &hooks);

} // namespace godwit::app
