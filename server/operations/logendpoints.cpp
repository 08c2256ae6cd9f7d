// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/bind.h"
#include "server/http/eventstream.h"
#include "server/operations/insideendpoints.h"
#include "server/operations/logfeed.h"

using namespace Qt::StringLiterals;

namespace godwit::operations {

using http::Response;
using Operator = http::As<protocol::Role::Operator>;

namespace {

struct LogsQuery
{
    LogFilter filter;
    int tail = 0;

    static Result<LogsQuery> fromQuery(http::QueryReader &reader)
    {
        const QStringList levels{ u"debug"_s, u"info"_s, u"warning"_s, u"error"_s };
        const qsizetype level = levels.indexOf(reader.string("level"_L1, u"info"_s));
        if (level < 0)
            reader.fail("level"_L1, u"must be one of "_s + levels.join(u", "_s));
        LogFilter filter{ .least = LogLevel(std::max<qsizetype>(0, level)),
                          .category = reader.string("category"_L1),
                          .requestId = reader.string("request_id"_L1) };
        const int tail = int(reader.integer("tail"_L1, 100, 0, 100'000));
        return reader.finish(LogsQuery{ .filter = std::move(filter), .tail = tail });
    }
};

Response streamLogs(LogFeed &logs, const http::Request &request, Operator, http::Query<LogsQuery> query)
{
    auto stream = std::make_shared<http::EventStream>(); // which tells what it drops
    logs.subscribe(stream, query->filter, query->tail, request.header("Last-Event-ID"));
    return Response::events(std::move(stream));
}

} // namespace

void addLogRoutes(http::Router &router, LogFeed &logs)
{
    router.get("/api/logs/stream", http::bind(streamLogs, logs)).withoutDeadline();
}

} // namespace godwit::operations
