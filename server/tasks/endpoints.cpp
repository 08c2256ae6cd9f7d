// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/tasks/endpoints.h"

#include "server/http/bind.h"
#include "server/http/eventstream.h"
#include "shared/async/future.h"
#include "shared/protocol/sse.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace godwit::tasks {

using async::Context;
using async::resume;
using http::Path;
using http::Response;
using http::Status;
using protocol::TaskProgress;

static QByteArray toJsonBytes(const TaskProgress &progress)
{
    return QJsonDocument(progress.toJson()).toJson(QJsonDocument::Compact);
}

/// `epoch:offset`. Progress is a state and no log: whoever comes back gets the newest, whatever he saw last.
static QByteArray toEventId(qint64 epoch, quint64 offset)
{
    return QByteArray::number(epoch) + ':' + QByteArray::number(offset);
}

static QByteArray toEvent(const TaskProgress &progress, qint64 epoch, quint64 offset)
{
    return protocol::encodeSse(
        { .event = "progress", .data = toJsonBytes(progress), .id = toEventId(epoch, offset), .retry = {} });
}

/// Who watches an end comes back within seconds, if at all: many more than end meanwhile.
constexpr size_t rememberedEnds = 4096;

static void remember(std::map<qint64, quint64> &lastOffsets, const Service::Change &last)
{
    lastOffsets.insert_or_assign(last.progress.taskId, last.offset);
    if (lastOffsets.size() > rememberedEnds)
        lastOffsets.erase(lastOffsets.begin());
}

Streams::Streams(Service &service) : m_service(service), m_hubs(std::make_shared<Hubs>())
{
    service.addListener([hubs = m_hubs, epoch = service.epoch()](const Service::Change &change) {
        const std::lock_guard lock(hubs->mutex);
        if (isFinal(change.progress.status))
            remember(hubs->lastOffsets, change);
        const auto hub = hubs->byTask.find(change.progress.taskId);
        if (hub == hubs->byTask.end())
            return;
        hub->second.publish(toEvent(change.progress, epoch, change.offset));
        if (isFinal(change.progress.status)) {
            hub->second.finish(toJsonBytes(change.progress));
            hubs->byTask.erase(hub);
        }
    });
}

static void endWith(http::EventStream &stream, const TaskProgress &last, qint64 epoch, quint64 offset)
{
    stream.push(toEvent(last, epoch, offset));
    stream.finish(toJsonBytes(last));
}

static TaskProgress progressOf(const protocol::Task &task)
{
    return { .taskId = task.id, .progress = task.progress, .status = task.status, .message = task.message };
}

bool Streams::watch(const protocol::Task &task, const std::shared_ptr<http::EventStream> &stream)
{
    const std::lock_guard lock(m_hubs->mutex);
    const auto live = m_service.progress(task.id);
    if (!live) {
        if (isFinal(task.status))
            endWith(*stream, progressOf(task), m_service.epoch(), lastOffsetOf(task.id));
        return isFinal(task.status);
    }
    if (isFinal(live->progress.status)) {
        endWith(*stream, live->progress, m_service.epoch(), live->offset);
        return true;
    }
    stream->push(toEvent(live->progress, m_service.epoch(), live->offset));
    m_hubs->byTask[task.id].subscribe(stream);
    return true;
}

bool Streams::hasEndedWith(QByteArrayView lastEventId, const protocol::Task &task) const
{
    const auto live = m_service.progress(task.id);
    if (!isFinal(live ? live->progress.status : task.status))
        return false;
    const std::lock_guard lock(m_hubs->mutex);
    return lastEventId == toEventId(m_service.epoch(), live ? live->offset : lastOffsetOf(task.id));
}

quint64 Streams::lastOffsetOf(qint64 task) const
{
    const auto found = m_hubs->lastOffsets.find(task);
    return found == m_hubs->lastOffsets.end() ? 0 : found->second;
}

using Member = http::As<protocol::Role::Member>;
using protocol::Principal;

static Response accepted(const protocol::Task &task)
{
    Response response = Response::json(task.toJson(), Status::Accepted);
    response.add("Location", "/api/tasks/" + QByteArray::number(task.id));
    return response;
}

static QCoro::Task<Response> submit(Service &service, Context context, Member caller,
                                    http::Json<protocol::NewTask> task)
{
    co_return accepted(co_await resume(service.submit(context, *task, *caller)));
}

namespace {

struct ListRequest
{
    ListQuery query;

    static Result<ListRequest> fromQuery(http::QueryReader &reader)
    {
        ListRequest request{ .query
                             = { .status = {}, .cursor = {}, .limit = int(reader.integer("limit"_L1, 100, 1, 1000)) } };
        if (const auto status = reader.optionalString("status"_L1)) {
            request.query.status = protocol::taskStatusFrom(*status);
            if (!request.query.status)
                reader.fail("status"_L1, u"must be queued, running, completed, failed or cancelled"_s);
        }
        if (reader.has("cursor"_L1))
            request.query.cursor = reader.integer("cursor"_L1, 0, 1);
        return reader.finish(request);
    }
};

} // namespace

static QCoro::Task<Response> list(Service &service, Context context, Principal, http::Query<ListRequest> request)
{
    const TaskList page = co_await resume(service.list(context, request->query));
    QJsonArray items;
    for (const auto &task : page.items)
        items.append(task.toJson());
    co_return Response::json(QJsonObject{
        { u"items"_s, items },
        { u"next"_s, page.next ? QJsonValue(QString::number(*page.next)) : QJsonValue(QJsonValue::Null) } });
}

static QCoro::Task<Response> get(Service &service, Context context, Principal, Path<qint64> id)
{
    co_return Response::json((co_await resume(service.get(context, *id))).toJson());
}

namespace {

struct LogRequest
{
    qint64 after = 0;
    static Result<LogRequest> fromQuery(http::QueryReader &reader)
    {
        return reader.finish(LogRequest{ .after = reader.integer("after"_L1, 0, 0) });
    }
};

} // namespace

static QCoro::Task<Response> log(Service &service, Context context, Principal, Path<qint64> id,
                                 http::Query<LogRequest> request)
{
    const auto lines = co_await resume(service.log(context, *id, request->after));
    QJsonArray items;
    for (const auto &line : lines)
        items.append(line.toJson());
    co_return Response::json(QJsonObject{ { u"items"_s, items }, { u"next"_s, QJsonValue(QJsonValue::Null) } });
}

static QCoro::Task<Response> cancel(Service &service, Context context, Member caller, Path<qint64> id)
{
    co_return Response::json((co_await resume(service.cancel(context, *id, *caller))).toJson());
}

static QCoro::Task<Response> retry(Service &service, Context context, Member caller, Path<qint64> id)
{
    co_return accepted(co_await resume(service.retry(context, *id, *caller)));
}

static QCoro::Task<Response> remove(Service &service, Context context, Member caller, Path<qint64> id)
{
    co_await resume(service.remove(context, *id, *caller));
    co_return Response::noContent();
}

static QCoro::Task<Response> events(Service &service, Streams &streams, Context context, Principal, Path<qint64> id,
                                    const http::Request &request)
{
    auto task = co_await resume(service.get(context, *id));
    if (streams.hasEndedWith(request.header("Last-Event-ID"), task))
        co_return Response::noContent(); // an EventSource that nobody closed: this tells it not to come again
    auto stream = std::make_shared<http::EventStream>();
    for (int reads = 1; !streams.watch(task, stream); ++reads) {
        if (reads > 2) {
            // It waits for a kind that this server does not know, or for the next start: nothing more will come.
            endWith(*stream, progressOf(task), service.epoch(), 0);
            break;
        }
        task = co_await resume(service.get(context, *id));
    }
    co_return Response::events(std::move(stream));
}

void addTaskRoutes(http::Router &router, Service &service, Streams &streams)
{
    router.post("/api/tasks", http::bind(submit, service));
    router.get("/api/tasks", http::bind(list, service));
    router.get("/api/tasks/{id}", http::bind(get, service));
    router.del("/api/tasks/{id}", http::bind(remove, service));
    router.post("/api/tasks/{id}/cancel", http::bind(cancel, service));
    router.post("/api/tasks/{id}/retry", http::bind(retry, service));
    router.get("/api/tasks/{id}/log", http::bind(log, service));
    router.get("/api/tasks/{id}/events", http::bind(events, service, streams)).withoutDeadline();
}

} // namespace godwit::tasks
