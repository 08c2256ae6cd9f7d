// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"
#include "server/metrics/inspectable.h"
#include "server/runtime/blockingpool.h"

/// How the daemon's own parts look in the engine room; those of the toolkit: metrics/inspecttoolkit.h. Each must
/// outlive its registration.
namespace godwit::app {

metrics::Inspectable inspectable(const db::Pool &pool, const db::Options &options);
metrics::Inspectable inspectable(const runtime::BlockingPool &pool, const runtime::Options &options);

} // namespace godwit::app
