// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/metrics/inspectable.h"
#include "shared/async/bulkhead.h"
#include "shared/async/circuitbreaker.h"
#include "shared/async/faults.h"
#include "shared/async/ratelimiter.h"
#include "shared/async/retry.h"
#include "shared/async/shedder.h"

/// How the parts of the toolkit look in the engine room. Each must outlive its registration.
namespace godwit::metrics {

/// Actions: `trip`, `reset`.
Inspectable inspectable(async::CircuitBreaker &breaker, const Clock &clock = Clock::system());
Inspectable inspectable(const async::RateLimiter &limiter);
Inspectable inspectable(const async::Bulkhead &bulkhead);
Inspectable inspectable(const async::Shedder &shedder);
/// Action: `stop`.
Inspectable inspectable(async::Faults &faults);
Inspectable inspectable(const async::RetryBudget &budget, const QString &name);

/// Of what has a `flush`: a cache. @p figures fills in state and figures.
Inspectable inspectableCache(const QString &name, std::function<void(protocol::RuntimePart &)> figures,
                             std::function<void()> flush);

/// As the API tells durations.
double seconds(std::chrono::nanoseconds span);

} // namespace godwit::metrics
