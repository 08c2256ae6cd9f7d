// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/standard.h"

#include "server/middleware/authentication.h"
#include "server/middleware/hostcheck.h"
#include "server/middleware/origincheck.h"
#include "server/middleware/ratelimit.h"
#include "server/middleware/requestid.h"
#include "server/middleware/requestmetrics.h"
#include "server/middleware/shedding.h"
#include "server/middleware/tracing.h"

namespace godwit::middleware {

std::vector<std::unique_ptr<http::Middleware>> standard(const Options &options, metrics::HttpMetrics &metrics,
                                                        const DrainSwitch &drain)
{
    std::vector<std::unique_ptr<http::Middleware>> layers;
    layers.push_back(std::make_unique<RequestId>()); // whatever refuses further in is told with its id
    if (options.traces)
        layers.push_back(std::make_unique<Tracing>(*options.traces));
    if (options.accessLog)
        layers.push_back(std::make_unique<AccessLog>(*options.accessLog, options.accessLogSink));
    layers.push_back(std::make_unique<RequestMetrics>(metrics)); // counts refusals too
    if (options.cors.isOn())
        layers.push_back(std::make_unique<Cors>(options.cors)); // a page may read why it was refused
    layers.push_back(std::make_unique<Drain>(drain));
    if (options.shedding.isOn) // before anything that costs more than to refuse
        layers.push_back(std::make_unique<Shedding>(options.shedding, options.inspector));
    if (options.hosts)
        layers.push_back(std::make_unique<HostCheck>(*options.hosts));
    layers.push_back(std::make_unique<OriginCheck>(options.cors.origins));
    if (options.authenticator)
        layers.push_back(std::make_unique<Authentication>(*options.authenticator));
    if (options.rates.isOn)
        layers.push_back(
            std::make_unique<RateLimit>(options.rates, options.inspector)); // by the principal: after authentication
    return layers;
}

} // namespace godwit::middleware
