// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/bind.h"
#include "server/http/eventstream.h"
#include "server/operations/insideendpoints.h"
#include "server/operations/runtimewatch.h"

using namespace Qt::StringLiterals;

namespace godwit::operations {

using http::Response;
using Operator = http::As<protocol::Role::Operator>;

namespace {

struct RuntimeQuery
{
    metrics::InspectorQuery value;

    static Result<RuntimeQuery> fromQuery(http::QueryReader &reader)
    {
        return reader.finish(RuntimeQuery{
            { .kind = reader.string("kind"_L1), .most = qsizetype(reader.integer("limit"_L1, 200, 0, 10'000)) } });
    }
};

QCoro::Task<Response> showRuntime(RuntimeWatch &watch, async::Context context, Operator,
                                  http::Query<RuntimeQuery> query)
{
    auto snapshot = watch.snapshot(context, query->value);
    co_return Response::json(co_await std::move(snapshot));
}

Response streamRuntime(RuntimeWatch &watch, const http::Request &request, Operator)
{
    auto stream
        = std::make_shared<http::EventStream>(http::EventStream::Options{ .policy = http::SlowConsumer::KeepNewest });
    watch.subscribe(stream, request.header("Last-Event-ID"));
    return Response::events(std::move(stream));
}

QCoro::Task<Response> act(RuntimeWatch &watch, async::Context context, Operator caller, http::Path<QString> kind,
                          http::Path<QString> name, http::Path<QString> action)
{
    std::optional<Error> failed;
    try {
        auto done = watch.act(context, *kind, *name, *action);
        co_await std::move(done);
    } catch (const Error &error) {
        failed = error;
    }
    watch.audit({ .action = *action,
                  .kind = *kind,
                  .name = *name,
                  .actor = caller->name,
                  .outcome = failed ? failed->message() : u"done"_s,
                  .requestId = context.requestId });
    if (failed)
        throw *failed;
    co_return Response::noContent();
}

} // namespace

void addRuntimeRoutes(http::Router &router, RuntimeWatch &watch)
{
    using http::bind;
    router.get("/api/runtime", bind(showRuntime, watch));
    router.get("/api/runtime/stream", bind(streamRuntime, watch)).withoutDeadline();
    router.post("/api/runtime/{kind}/{name}/{action}", bind(act, watch));
}

} // namespace godwit::operations
