// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/files/endpoints.h"

#include "server/files/filename.h"
#include "server/http/bind.h"

#include <QJsonArray>

using namespace Qt::StringLiterals;

namespace godwit::files {

using http::Path;
using http::Response;
using protocol::Principal;
using protocol::Role;

namespace {

struct FilesRequest
{
    qint64 before = 0;
    int limit = 0;

    static Result<FilesRequest> fromQuery(http::QueryReader &reader)
    {
        return reader.finish(FilesRequest{ .before = reader.integer("cursor"_L1, 0, 1),
                                           .limit = int(reader.integer("limit"_L1, 100, 1, 1'000)) });
    }
};

} // namespace

static Response content(http::StaticFiles &files, http::Exchange &exchange, Principal, Path<QString> name)
{
    Response response = files.respond(exchange, orThrow(fileName(*name)));
    response.add("Cache-Control", "private, no-cache"); // kept by the client alone, which asks whether it still holds
    return response;
}

static QCoro::Task<Response> listFiles(Service &service, async::Context context, Principal,
                                       http::Query<FilesRequest> request)
{
    auto listing = service.list(context, request->before, request->limit);
    const QList<File> files = co_await std::move(listing);
    QJsonArray items;
    for (const File &file : files)
        items.append(file.toJson());
    const bool isFull = files.size() == request->limit;
    const QJsonValue next = isFull ? QJsonValue(QString::number(files.last().id)) : QJsonValue();
    co_return Response::json(QJsonObject{ { u"items"_s, items }, { u"next"_s, next } });
}

static QCoro::Task<Response> removeFile(Service &service, auth::AuditLog &audit, http::Exchange &exchange,
                                        async::Context context, http::As<Role::Member> caller, Path<QString> name)
{
    auto removing = service.remove(context, *caller, orThrow(fileName(*name)));
    const File file = co_await std::move(removing);
    audit.record({ .event = u"file_removed"_s,
                   .actor = caller->name,
                   .subject = file.name,
                   .address = exchange.request.clientAddress().toString(),
                   .requestId = exchange.requestId });
    co_return Response::noContent();
}

void addFileRoutes(http::Router &router, Service &service, http::StaticFiles &content, auth::AuditLog &audit)
{
    using http::bind;
    router.get("/files/{name}", bind(files::content, content));
    router.get("/api/files", bind(listFiles, service));
    router.del("/api/files/{name}", bind(removeFile, service, audit));
}

} // namespace godwit::files
