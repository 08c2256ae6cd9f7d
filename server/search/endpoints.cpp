// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/endpoints.h"

#include "server/http/bind.h"
#include "shared/async/future.h"

#include <QUrl>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::search {

using async::Context;
using async::resume;
using http::Response;
using http::Status;

namespace {

struct SearchRequest
{
    Query query;

    static Result<SearchRequest> fromQuery(http::QueryReader &reader)
    {
        SearchRequest request{ .query = { .text = reader.string("q"_L1),
                                          .limit = int(reader.integer("limit"_L1, 10, 1, 100)),
                                          .kind = reader.string("kind"_L1) } };
        const QString mode = reader.string("mode"_L1, u"sequential"_s);
        if (mode == "concurrent"_L1)
            request.query.mode = Query::Mode::Concurrent;
        else if (mode != "sequential"_L1)
            reader.fail("mode"_L1, u"must be sequential or concurrent"_s);
        return reader.finish(std::move(request));
    }
};

} // namespace

static QByteArray toHeader(ResultCache::Source source)
{
    switch (source) {
    case ResultCache::Source::Hit:
        return "hit";
    case ResultCache::Source::Stale:
        return "stale";
    case ResultCache::Source::Miss:
        return "miss";
    }
    return {};
}

static QCoro::Task<Response> search(Service &service, Context context, protocol::Principal caller,
                                    http::Query<SearchRequest> request)
{
    request.value.query.caller = std::move(caller);
    auto searching = service.search(std::move(context), std::move(request.value.query));
    const Service::Answer answer = co_await std::move(searching);
    Response response = Response::json(answer.found->json);
    response.add("X-Cache", toHeader(answer.source));
    // The body is the bare array, and a header has only ASCII.
    if (!answer.found->suggestion.isEmpty())
        response.add("X-Suggestion", QUrl::toPercentEncoding(answer.found->suggestion));
    co_return response;
}

using Member = http::As<protocol::Role::Member>;

static QCoro::Task<Response> createDocument(Service &service, Context context, Member caller,
                                            http::Json<NewDocument> document)
{
    const auto created = co_await resume(service.createDocument(context, *document, caller->userId));
    Response response = Response::json(created.toJson(), Status::Created);
    response.add("Location", "/api/documents/" + QByteArray::number(created.id));
    co_return response;
}

static QCoro::Task<Response> document(Service &service, Context context, protocol::Principal, http::Path<qint64> id)
{
    co_return Response::json((co_await resume(service.document(context, *id))).toJson());
}

static QCoro::Task<Response> updateDocument(Service &service, Context context, Member, http::Path<qint64> id,
                                            http::Json<NewDocument> document)
{
    co_return Response::json((co_await resume(service.updateDocument(context, *id, *document))).toJson());
}

static QCoro::Task<Response> removeDocument(Service &service, Context context, Member, http::Path<qint64> id)
{
    co_await resume(service.removeDocument(context, *id));
    co_return Response::noContent();
}

void addSearchRoutes(http::Router &router, Service &service, std::chrono::milliseconds deadline)
{
    router.get("/api/search", http::bind(search, service)).within(deadline).timingOutWith(Status::RequestTimeout);
    router.post("/api/documents", http::bind(createDocument, service));
    router.get("/api/documents/{id}", http::bind(document, service));
    router.put("/api/documents/{id}", http::bind(updateDocument, service));
    router.del("/api/documents/{id}", http::bind(removeDocument, service));
}

} // namespace godwit::search
