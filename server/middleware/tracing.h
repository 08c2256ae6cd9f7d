// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/pipeline.h"
#include "server/metrics/tracestore.h"

namespace godwit::middleware {

/// Records each request, with the trace that the field `traceparent` names (W3C Trace Context, level 1) or one that
/// begins here. What is done within a request is recorded through its Context: see async::Span.
class Tracing final : public http::Middleware, private http::Tracer
{
public:
    /// @p store must outlive it.
    explicit Tracing(metrics::TraceStore &store) : m_store(store) { }

    void before(http::Exchange &exchange) override { exchange.tracer = this; }
    void after(http::Exchange &exchange, http::Response &response) override;

private:
    std::shared_ptr<async::Trace> begin(const http::Request &request) override;

    metrics::TraceStore &m_store;
};

} // namespace godwit::middleware
