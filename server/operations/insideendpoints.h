// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace godwit::http {
class Router;
}
namespace godwit::metrics {
class TraceStore;
}

namespace godwit::operations {

class LogFeed;
class RuntimeWatch;

/// `/api/runtime`, its stream and its actions. For operators. @p watch must outlive the router.
void addRuntimeRoutes(http::Router &router, RuntimeWatch &watch);
/// `/api/traces` and `/api/traces/{id}`, which are put together on @p watch's thread. For operators. Both must outlive
/// the router.
void addTraceRoutes(http::Router &router, const metrics::TraceStore &traces, RuntimeWatch &watch);
/// `/api/logs/stream`. For operators. @p logs must outlive the router.
void addLogRoutes(http::Router &router, LogFeed &logs);

} // namespace godwit::operations
