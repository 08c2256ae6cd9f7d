// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/requestmetrics.h"

namespace godwit::middleware {

void RequestMetrics::after(http::Exchange &exchange, http::Response &response)
{
    m_metrics.record(exchange.route ? exchange.route->index : -1, int(response.status()),
                     exchange.answeredAt - exchange.startedAt);
}

std::vector<metrics::HttpMetrics::Route> RequestMetrics::labelsOf(const http::Router &router)
{
    std::vector<metrics::HttpMetrics::Route> labels;
    for (const http::Route *const route : router.routes())
        labels.push_back({ .method = http::toName(route->method).toByteArray(), .pattern = route->pattern });
    return labels;
}

} // namespace godwit::middleware
