// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"

namespace godwit::http {
class Router;
}
namespace godwit::metrics {
class HttpMetrics;
class Registry;
} // namespace godwit::metrics

namespace godwit::operations {

class MetricsFeed;
struct Pages;
class Readiness;

/// What the routes show. Must outlive the router.
struct Services
{
    const metrics::HttpMetrics &http;
    const metrics::Registry &registry;
    MetricsFeed &feed;
    const Readiness &readiness;
    const Pages &pages;
    const Clock &clock = Clock::system();
};

/// `/`, `/docs`, `/openapi.json`, `/asyncapi.json`, `/health`, `/health/live`, `/health/ready`, `/metrics`,
/// `/api/metrics/stream` and `/api/events/time`.
void registerEndpoints(http::Router &router, const Services &services);

} // namespace godwit::operations
