// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/metrics/httpmetrics.h"
#include "server/middleware/accesslog.h"
#include "server/middleware/cors.h"
#include "server/middleware/drain.h"
#include "server/middleware/ratelimits.h"
#include "server/middleware/sheddingoptions.h"

#include <optional>

namespace godwit::auth {
class Authenticator;
}

namespace godwit::metrics {
class Inspector;
class TraceStore;
} // namespace godwit::metrics

namespace godwit::middleware {

struct Options
{
    std::optional<AccessLog::Format> accessLog; ///< off by default
    AccessLog::Sink accessLogSink; ///< none: standard error
    CorsOptions cors; ///< its origins may write and open WebSockets too
    /// The only names by which the server may be called (HostCheck); none: by any, which needs authentication.
    std::optional<QList<QByteArray>> hosts{ std::in_place };
    auth::Authenticator *authenticator = nullptr; ///< none: nobody is known
    RateLimits rates{ .isOn = false };
    SheddingOptions shedding{ .isOn = false };
    metrics::TraceStore *traces = nullptr; ///< keeps what requests did, if there is one
    metrics::Inspector *inspector = nullptr; ///< shows the limits, if there is one
};

/// The middleware of every server of ours, outermost first: the one place where its order is written. What is switched
/// off is left out. @p metrics, @p drain and what the options name must outlive the pipeline.
std::vector<std::unique_ptr<http::Middleware>> standard(const Options &options, metrics::HttpMetrics &metrics,
                                                        const DrainSwitch &drain);

} // namespace godwit::middleware
