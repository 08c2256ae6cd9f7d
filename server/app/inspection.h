// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/chat/liverooms.h"
#include "server/config/config.h"
#include "server/db/pool.h"
#include "server/exports/service.h"
#include "server/metrics/inspectable.h"
#include "server/runtime/blockingpool.h"
#include "server/runtime/reactor.h"
#include "server/tasks/schedules.h"
#include "server/tasks/service.h"

/// How the daemon's own parts look in the engine room; those of the toolkit: metrics/inspecttoolkit.h. Each must
/// outlive its registration.
namespace godwit::app {

/// Action: `drain`.
metrics::Inspectable inspectable(db::Pool &pool, const db::Options &options);
metrics::Inspectable inspectable(const runtime::BlockingPool &pool, const runtime::Options &options);
/// Actions: `pause`, `resume`.
metrics::Inspectable inspectable(tasks::Service &tasks);
metrics::InspectableGroup inspectableSchedules(const tasks::Schedules &schedules);

/// The reactors: how late their loops are, and what their connections do. One that does not answer is `stuck`.
metrics::InspectableGroup inspectableWorkers(runtime::ReactorGroup &reactors);
/// The connections of all reactors. Action: `kick`.
metrics::InspectableGroup inspectableConnections(runtime::ReactorGroup &reactors);
/// The rooms that someone is in: members, the last message's offset, and what members have not been sent yet.
metrics::InspectableGroup inspectableRooms(runtime::ReactorGroup &reactors, const chat::LiveRooms &rooms);
/// What is being exported, and how far it is.
metrics::InspectableGroup inspectableExports(const exports::Service &exports);
/// Numbers, durations and switches of the configuration: every limit in force, a part a section. Texts are left out:
/// one may be a secret.
metrics::InspectableGroup inspectableSettings(const config::Config &config);

} // namespace godwit::app
