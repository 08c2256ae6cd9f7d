// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/pipeline.h"
#include "server/metrics/httpmetrics.h"

namespace godwit::middleware {

/// Counts each answer and its latency, from the complete request to the answer's head, under its route's pattern.
/// Upgrades count as 101.
class RequestMetrics final : public http::Middleware
{
public:
    /// @p metrics knows the router's routes: setRoutes(labelsOf(router)) comes first.
    explicit RequestMetrics(metrics::HttpMetrics &metrics) : m_metrics(metrics) { }

    void after(http::Exchange &exchange, http::Response &response) override;

    /// What HttpMetrics is to know of @p router, by http::Route::index.
    static std::vector<metrics::HttpMetrics::Route> labelsOf(const http::Router &router);

private:
    metrics::HttpMetrics &m_metrics;
};

} // namespace godwit::middleware
