// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/bind.h"
#include "server/metrics/tracestore.h"
#include "server/operations/insideendpoints.h"

using namespace Qt::StringLiterals;

namespace godwit::operations {

using http::Response;
using Operator = http::As<protocol::Role::Operator>;

namespace {

struct TracesQuery
{
    metrics::TraceStore::Query value;

    static Result<TracesQuery> fromQuery(http::QueryReader &reader)
    {
        metrics::TraceStore::Query query{ .requestId = reader.string("request_id"_L1) };
        const double leastMs = reader.number("min_ms"_L1, 0, 0, 1e9);
        query.least = std::chrono::microseconds(std::llround(leastMs * 1000));
        const QString outcome = reader.string("outcome"_L1, u"any"_s);
        if (outcome != u"any"_s && outcome != u"failed"_s)
            reader.fail("outcome"_L1, u"must be any or failed"_s);
        query.onlyFailed = outcome == u"failed"_s;
        query.limit = int(reader.integer("limit"_L1, 100, 1, 10'000));
        return reader.finish(TracesQuery{ std::move(query) });
    }
};

Response listTraces(const metrics::TraceStore &traces, Operator, http::Query<TracesQuery> query)
{
    QJsonArray items;
    for (const protocol::TraceSummary &summary : traces.list(query->value))
        items.append(summary.toJson());
    return Response::json(QJsonObject{ { "items"_L1, items }, { "next"_L1, QJsonValue() } });
}

Response showTrace(const metrics::TraceStore &traces, Operator, http::Path<QString> id)
{
    const auto detail = traces.find(*id);
    if (!detail)
        throw Error(Error::Code::NotFound, u"there is no trace of this id (any more)"_s);
    return Response::json(detail->toJson());
}

} // namespace

void addTraceRoutes(http::Router &router, const metrics::TraceStore &traces)
{
    router.get("/api/traces", http::bind(listTraces, traces));
    router.get("/api/traces/{id}", http::bind(showTrace, traces));
}

} // namespace godwit::operations
