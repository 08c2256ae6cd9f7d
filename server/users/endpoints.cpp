// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/users/endpoints.h"

#include "server/http/bind.h"
#include "server/http/problem.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::users {

using async::Context;
using http::As;
using http::Json;
using http::Path;
using http::Query;
using http::Response;
using http::Status;
using protocol::Principal;
using protocol::Role;

namespace {

QJsonObject toJson(const Account &account)
{
    return { { u"id"_s, account.id },
             { u"name"_s, account.name },
             { u"role"_s, protocol::toString(account.role) },
             { u"created_at"_s, toRfc3339(account.createdAt) },
             { u"updated_at"_s, toRfc3339(account.updatedAt) } };
}
template<class Item>
QJsonObject toJson(const Item &item)
{
    return item.toJson();
}

template<class Items>
QJsonArray toArray(const Items &items)
{
    QJsonArray array;
    for (const auto &item : items)
        array.append(toJson(item));
    return array;
}

/// One page; the next begins behind the id of its last, if it is full.
template<class Item>
Response page(const QList<Item> &items, int limit)
{
    const QJsonValue next = items.size() == limit ? QJsonValue(QString::number(items.last().id)) : QJsonValue();
    return Response::json(QJsonObject{ { u"items"_s, toArray(items) }, { u"next"_s, next } });
}

/// What is a user's own.
void requireSelfOrAdmin(const Principal &caller, qint64 id)
{
    checkId(id);
    if (caller.userId != id && !caller.may(Role::Admin))
        throw Error(Error::Code::PermissionDenied, u"only user %1 and admins may do this"_s.arg(id));
}

QByteArray toText(Service::Cache::Source source)
{
    switch (source) {
    case Service::Cache::Source::Hit:
        return "hit"_ba;
    case Service::Cache::Source::Stale:
        return "stale"_ba;
    case Service::Cache::Source::Miss:
        return "miss"_ba;
    }
    Q_UNREACHABLE();
}

struct PageRequest
{
    qint64 after = 0;
    int limit = 0;

    static Result<PageRequest> fromQuery(http::QueryReader &reader)
    {
        return reader.finish(PageRequest{ .after = reader.integer("after"_L1, 0, 0),
                                          .limit = int(reader.integer("limit"_L1, 100, 1, 1'000)) });
    }
};

std::optional<Role> readRole(JsonReader &reader)
{
    if (!reader.has("role"_L1))
        return {};
    const auto role = protocol::roleFrom(reader.string("role"_L1));
    if (!role)
        reader.fail("role"_L1, u"must be viewer, member, operator or admin"_s);
    return role;
}

struct NewUser
{
    Accounts::New account;

    static Result<NewUser> fromJson(const QJsonObject &json)
    {
        JsonReader reader(json);
        NewUser user{ .account = { .name = reader.text("name"_L1), .password = reader.string("password"_L1) } };
        user.account.role = readRole(reader).value_or(Role::Viewer);
        return reader.finishBody(std::move(user));
    }
};

struct UserChange
{
    Accounts::Update update;

    static Result<UserChange> fromJson(const QJsonObject &json)
    {
        JsonReader reader(json);
        UserChange change;
        if (reader.has("name"_L1))
            change.update.name = reader.text("name"_L1);
        if (reader.has("password"_L1))
            change.update.password = reader.string("password"_L1);
        change.update.role = readRole(reader);
        const auto &update = change.update;
        if (reader.has("id"_L1) && !update.name && !update.password && !update.role)
            reader.fail("id"_L1, u"cannot be changed"_s);
        return reader.finishBody(std::move(change));
    }
};

/// Any object.
struct Preferences
{
    QJsonObject object;
    static Result<Preferences> fromJson(const QJsonObject &json) { return Preferences{ json }; }
};

struct LookupRequest
{
    static constexpr qsizetype most = 500;
    std::vector<qint64> ids;
    int concurrency = 8;

    static Result<LookupRequest> fromJson(const QJsonObject &json)
    {
        JsonReader reader(json);
        LookupRequest request{ .ids = {}, .concurrency = 8 };
        const QJsonArray ids = reader.array("ids"_L1);
        if (ids.size() > most)
            reader.fail("ids"_L1, u"must not have more than %1 items"_s.arg(most));
        for (qsizetype i = 0; i < std::min(ids.size(), most); ++i) {
            const qint64 id = ids[i].toInteger(-1);
            if (!ids[i].isDouble() || double(id) != ids[i].toDouble())
                reader.fail("ids"_L1, u"must have whole numbers only"_s);
            request.ids.push_back(id);
        }
        const qint64 concurrency = reader.integer("concurrency"_L1, 8);
        if (concurrency < 1 || concurrency > 32)
            reader.fail("concurrency"_L1, u"must be between 1 and 32"_s);
        request.concurrency = int(concurrency);
        return reader.finishBody(std::move(request));
    }
};

} // namespace

static QCoro::Task<Response> listUsers(Service &service, Context context, Principal, Query<PageRequest> request)
{
    auto listed = service.accounts().list(context, request->after, request->limit);
    co_return page(co_await std::move(listed), request->limit);
}

static QCoro::Task<Response> user(Service &service, Context context, Principal, Path<qint64> id)
{
    const auto known = co_await service.user(context, *id);
    Response response = Response::json(toJson(known.account));
    response.add("X-Cache", toText(known.source));
    co_return response;
}

static QCoro::Task<Response> createUser(Service &service, Context context, As<Role::Admin> caller, Json<NewUser> user)
{
    user.value.account.actor = caller->name;
    const Account created = co_await service.accounts().create(context, user->account);
    Response response = Response::json(toJson(created), Status::Created);
    response.add("Location", "/api/users/" + QByteArray::number(created.id));
    co_return response;
}

static QCoro::Task<Response> changeUser(Service &service, Context context, As<Role::Admin> caller, Path<qint64> id,
                                        Json<UserChange> change)
{
    change.value.update.actor = caller->name;
    checkId(*id);
    co_return Response::json(toJson(co_await service.accounts().update(context, *id, change->update)));
}

static QCoro::Task<Response> removeUser(Service &service, Context context, As<Role::Admin> caller, Path<qint64> id)
{
    checkId(*id);
    auto removed = service.accounts().remove(context, *id, caller->name);
    co_await std::move(removed);
    co_return Response::noContent();
}

static QCoro::Task<Response> lookUpUsers(Service &service, http::Exchange &exchange, Context context, Principal,
                                         Json<LookupRequest> request)
{
    const auto found = co_await service.lookup(context, request->ids, request->concurrency);
    context.throwIfStopped();
    QJsonArray results;
    for (const auto &one : found) {
        if (one)
            results.append(toJson(one->account));
        else
            results.append(QJsonDocument::fromJson(http::problem(one.error(), exchange).content()).object());
    }
    co_return Response::json(QJsonObject{ { u"results"_s, results } });
}

static QCoro::Task<Response> overview(Service &service, Context context, Principal caller, Path<qint64> id)
{
    requireSelfOrAdmin(caller, *id);
    const Overview all = co_await service.overview(context, *id);
    co_return Response::json(QJsonObject{ { u"basic_info"_s, toJson(all.basic) },
                                          { u"preferences"_s, all.preferences },
                                          { u"recent_activity"_s, toArray(all.recentActivity) },
                                          { u"social_connections"_s, toArray(all.connections) } });
}

static QCoro::Task<Response> preferences(Service &service, Context context, Principal caller, Path<qint64> id)
{
    requireSelfOrAdmin(caller, *id);
    co_return Response::json(co_await service.preferences(context, *id));
}

static QCoro::Task<Response> setPreferences(Service &service, Context context, Principal caller, Path<qint64> id,
                                            Json<Preferences> preferences)
{
    requireSelfOrAdmin(caller, *id);
    co_return Response::json(co_await service.setPreferences(context, *id, preferences->object));
}

static QCoro::Task<Response> listActivity(Service &service, Context context, Principal caller, Path<qint64> id,
                                          Query<PageRequest> request)
{
    requireSelfOrAdmin(caller, *id);
    co_return page(co_await service.activity(context, *id, request->after, request->limit), request->limit);
}

static QCoro::Task<Response> listConnections(Service &service, Context context, Principal caller, Path<qint64> id,
                                             Query<PageRequest> request)
{
    requireSelfOrAdmin(caller, *id);
    co_return page(co_await service.connections(context, *id, request->after, request->limit), request->limit);
}

static QCoro::Task<Response> connection(Service &service, Context context, Principal caller, Path<qint64> id,
                                        Path<qint64> friendId)
{
    requireSelfOrAdmin(caller, *id);
    co_return Response::json((co_await service.connection(context, *id, *friendId)).toJson());
}

static QCoro::Task<Response> connectTo(Service &service, Context context, Principal caller, Path<qint64> id,
                                       Path<qint64> friendId)
{
    requireSelfOrAdmin(caller, *id);
    co_return Response::json((co_await service.connectTo(context, *id, *friendId)).toJson());
}

static QCoro::Task<Response> disconnectFrom(Service &service, Context context, Principal caller, Path<qint64> id,
                                            Path<qint64> friendId)
{
    requireSelfOrAdmin(caller, *id);
    co_await service.disconnectFrom(context, *id, *friendId);
    co_return Response::noContent();
}

void addUserRoutes(http::Router &router, Service &service)
{
    using http::bind;
    router.get("/api/users", bind(listUsers, service));
    router.post("/api/users", bind(createUser, service));
    router.post("/api/users/lookup", bind(lookUpUsers, service));
    router.get("/api/users/{id}", bind(user, service)).within(1s);
    router.patch("/api/users/{id}", bind(changeUser, service));
    router.del("/api/users/{id}", bind(removeUser, service));
    router.get("/api/users/{id}/overview", bind(overview, service));
    router.get("/api/users/{id}/preferences", bind(preferences, service));
    router.put("/api/users/{id}/preferences", bind(setPreferences, service));
    router.get("/api/users/{id}/activity", bind(listActivity, service));
    router.get("/api/users/{id}/connections", bind(listConnections, service));
    router.get("/api/users/{id}/connections/{friend_id}", bind(connection, service));
    router.put("/api/users/{id}/connections/{friend_id}", bind(connectTo, service));
    router.del("/api/users/{id}/connections/{friend_id}", bind(disconnectFrom, service));
}

} // namespace godwit::users
