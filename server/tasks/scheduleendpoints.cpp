// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/tasks/scheduleendpoints.h"

#include "server/http/bind.h"
#include "shared/async/future.h"

using namespace Qt::StringLiterals;

namespace godwit::tasks {

namespace {

struct SchedulePatch
{
    QJsonObject members;
    static Result<SchedulePatch> fromJson(const QJsonObject &json) { return SchedulePatch{ json }; }
};

} // namespace

using SchedulingOperator = http::As<protocol::Role::Operator>;

static QCoro::Task<http::Response> createSchedule(Schedules &schedules, async::Context context,
                                                  SchedulingOperator caller, http::Json<protocol::NewSchedule> what)
{
    const protocol::Schedule made = co_await async::resume(schedules.create(context, *what, *caller));
    http::Response response = http::Response::json(made.toJson(), http::Status::Created);
    response.add("Location", "/api/schedules/" + QByteArray::number(made.id));
    co_return response;
}

static QCoro::Task<http::Response> listSchedules(Schedules &schedules, async::Context context, protocol::Principal)
{
    const auto all = co_await async::resume(schedules.list(context));
    QJsonArray items;
    for (const protocol::Schedule &schedule : all)
        items.append(schedule.toJson());
    co_return http::Response::json(QJsonObject{ { u"items"_s, items }, { u"next"_s, QJsonValue(QJsonValue::Null) } });
}

static QCoro::Task<http::Response> getSchedule(Schedules &schedules, async::Context context, protocol::Principal,
                                               http::Path<qint64> id)
{
    co_return http::Response::json((co_await async::resume(schedules.get(context, *id))).toJson());
}

static QCoro::Task<http::Response> changeSchedule(Schedules &schedules, async::Context context,
                                                  SchedulingOperator caller, http::Path<qint64> id,
                                                  http::Json<SchedulePatch> patch)
{
    co_return http::Response::json(
        (co_await async::resume(schedules.change(context, *id, patch->members, *caller))).toJson());
}

static QCoro::Task<http::Response> removeSchedule(Schedules &schedules, async::Context context, SchedulingOperator,
                                                  http::Path<qint64> id)
{
    co_await async::resume(schedules.remove(context, *id));
    co_return http::Response::noContent();
}

void addScheduleRoutes(http::Router &router, Schedules &schedules)
{
    router.post("/api/schedules", http::bind(createSchedule, schedules));
    router.get("/api/schedules", http::bind(listSchedules, schedules));
    router.get("/api/schedules/{id}", http::bind(getSchedule, schedules));
    router.patch("/api/schedules/{id}", http::bind(changeSchedule, schedules));
    router.del("/api/schedules/{id}", http::bind(removeSchedule, schedules));
}

} // namespace godwit::tasks
