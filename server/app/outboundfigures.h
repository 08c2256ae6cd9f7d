// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/metrics/inspectable.h"
#include "server/metrics/registry.h"
#include "server/outbound/client.h"
#include "server/outbound/traceexporter.h"
#include "server/outbound/webhooks.h"

/// What is seen of the requests that the server itself makes. All must outlive what they are added to.
namespace godwit::app {

/// For /metrics.
void addOutboundFigures(metrics::Registry &registry, const outbound::Client &client, const outbound::Webhooks &hooks,
                        const outbound::TraceExporter &traces);

/// For the engine room: the client as a pool, each host with its breaker (`trip`, `reset`) as an upstream, the webhooks
/// and the exported traces as queues.
void addOutboundInspected(metrics::Registrations &registrations, outbound::Client &client,
                          const outbound::Webhooks &hooks, const outbound::TraceExporter &traces);

} // namespace godwit::app
