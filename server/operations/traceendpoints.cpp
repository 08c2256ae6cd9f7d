// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/bind.h"
#include "server/metrics/tracestore.h"
#include "server/operations/insideendpoints.h"
#include "server/operations/runtimewatch.h"

#include <QJsonArray>
#include <QJsonDocument>

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

// All that is kept has to be looked at: with full rings 1 ms for two workers, 10 ms for sixteen.

QCoro::Task<Response> listTraces(const metrics::TraceStore &traces, RuntimeWatch &watch, async::Context context,
                                 Operator, http::Query<TracesQuery> query)
{
    auto listed = watch.look(context, [&traces, query = query->value] {
        QJsonArray items;
        for (const protocol::TraceSummary &summary : traces.list(query))
            items.append(summary.toJson());
        return QJsonDocument(QJsonObject{ { "items"_L1, items }, { "next"_L1, QJsonValue() } })
            .toJson(QJsonDocument::Compact);
    });
    co_return Response::json(co_await std::move(listed));
}

QCoro::Task<Response> showTrace(const metrics::TraceStore &traces, RuntimeWatch &watch, async::Context context,
                                Operator, http::Path<QString> id)
{
    auto found = watch.look(context, [&traces, id = *id] {
        const auto detail = traces.find(id);
        if (!detail)
            throw Error(Error::Code::NotFound, u"there is no trace of this id (any more)"_s);
        return QJsonDocument(detail->toJson()).toJson(QJsonDocument::Compact);
    });
    co_return Response::json(co_await std::move(found));
}

} // namespace

void addTraceRoutes(http::Router &router, const metrics::TraceStore &traces, RuntimeWatch &watch)
{
    router.get("/api/traces", http::bind(listTraces, traces, watch));
    router.get("/api/traces/{id}", http::bind(showTrace, traces, watch));
}

} // namespace godwit::operations
