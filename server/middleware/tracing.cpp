// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/tracing.h"

namespace godwit::middleware {

namespace {

/// The caller's place, if it says one; a request with several such fields says none.
std::optional<async::TraceParent> parentOf(const http::Request &request)
{
    const QByteArrayView first = request.header("traceparent");
    if (first.isNull()) [[likely]]
        return {};
    return async::TraceParent::parse(request.joinedHeader("traceparent"));
}

/// The request's own place in the caller's trace, or in a new one.
async::TraceParent selfOf(const std::optional<async::TraceParent> &parent)
{
    if (!parent)
        return async::TraceParent::random();
    return { .traceId = parent->traceId, .spanId = async::TraceParent::randomSpanId(), .flags = parent->flags };
}

} // namespace

std::shared_ptr<async::Trace> Tracing::begin(const http::Request &request)
{
    const auto parent = parentOf(request);
    // Without a valid parent nobody may be told the state (3.3).
    return std::make_shared<async::Trace>(
        selfOf(parent), parent ? async::validTraceState(request.joinedHeader("tracestate")) : QByteArray());
}

void Tracing::after(http::Exchange &exchange, http::Response &response)
{
    const auto parent = parentOf(exchange.request);
    m_store.record({ .self = exchange.trace ? exchange.trace->self() : selfOf(parent),
                     .parentId = parent ? parent->spanId : 0,
                     .method = http::toName(exchange.request.method()),
                     .route = exchange.route ? QByteArrayView(exchange.route->pattern) : QByteArrayView(),
                     .status = int(response.status()),
                     .startedAt = exchange.startedAt,
                     .duration = exchange.answeredAt - exchange.startedAt,
                     .requestId = exchange.requestId,
                     .path = exchange.request.path(),
                     .host = m_store.hasListener() ? exchange.request.header("host") : QByteArrayView(),
                     .isSecure = exchange.request.isSecure() },
                   exchange.trace);
}

} // namespace godwit::middleware
