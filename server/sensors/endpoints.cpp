// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/endpoints.h"

#include "server/http/bind.h"
#include "server/http/problem.h"
#include "server/sensors/realtimeendpoints.h"
#include "server/sensors/seriesname.h"

#include <QJsonDocument>

#include <cmath>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::sensors {

using async::Context;
using http::Response;
using http::Status;
using protocol::Principal;
using protocol::Role;

namespace {

constexpr qsizetype longestUnit = 16;

Result<Reading> readReading(const QJsonValue &value)
{
    if (!value.isObject())
        return failure(Error::Code::FailedValidation, u"\"readings\" must have objects only"_s);
    JsonReader reader(value.toObject());
    Reading reading{ .series = reader.string("series"_L1),
                     .value = reader.number("value"_L1),
                     .unit = reader.has("unit"_L1) ? reader.text("unit"_L1) : QString() };
    if (!isSeriesName(reading.series))
        reader.fail("series"_L1, seriesNameRule());
    if (isReservedSeriesName(reading.series))
        reader.fail("series"_L1, u"must not begin with iio., thermal. or simulated., which are the server's own"_s);
    if (!std::isfinite(reading.value))
        reader.fail("value"_L1, u"must be a finite number"_s);
    if (reading.unit.size() > longestUnit)
        reader.fail("unit"_L1, u"must not be longer than %1 characters"_s.arg(longestUnit));
    if (const auto quantity = quantityOf(reading.series)) {
        if (reading.unit.isEmpty())
            reading.unit = sysfs::unitOf(*quantity);
        else if (reading.unit != sysfs::unitOf(*quantity))
            reader.fail("unit"_L1, u"of %1 must be %2"_s.arg(reading.series, sysfs::unitOf(*quantity)));
    }
    if (reader.has("timestamp"_L1)) {
        reading.at = fromRfc3339(reader.string("timestamp"_L1));
        if (!reading.at)
            reader.fail("timestamp"_L1, u"must be a date and time such as 2026-11-22T17:00:00Z"_s);
    }
    return reader.finishBody(std::move(reading));
}

struct Batch
{
    static constexpr qsizetype most = 1'000;
    QJsonArray readings;

    static Result<Batch> fromJson(const QJsonObject &json)
    {
        JsonReader reader(json);
        Batch batch{ .readings = reader.array("readings"_L1) };
        if (batch.readings.size() > most)
            reader.fail("readings"_L1, u"must not have more than %1 items"_s.arg(most));
        return reader.finishBody(std::move(batch));
    }
};

struct ReadingsQuery
{
    QString series;
    std::optional<Timestamp> from, to;
    std::optional<std::chrono::seconds> step;

    static Result<ReadingsQuery> fromQuery(http::QueryReader &reader)
    {
        ReadingsQuery query{ .series = reader.string("series"_L1), .from = {}, .to = {}, .step = {} };
        if (query.series.isEmpty())
            reader.fail("series"_L1, u"must name a series, see /api/readings/series"_s);
        const auto time = [&reader](QLatin1StringView name) -> std::optional<Timestamp> {
            const auto text = reader.optionalString(name);
            if (!text)
                return {};
            const auto read = fromRfc3339(*text);
            if (!read)
                reader.fail(name, u"must be a date and time such as 2026-11-22T17:00:00Z"_s);
            return read;
        };
        query.from = time("from"_L1);
        query.to = time("to"_L1);
        if (reader.has("step"_L1)) {
            constexpr auto longest = std::chrono::seconds(24h * 30);
            query.step = std::chrono::seconds(reader.integer("step"_L1, 1, 1, longest.count()));
        }
        return reader.finish(std::move(query));
    }
};

struct AlertsQuery
{
    AlertQuery query;

    static Result<AlertsQuery> fromQuery(http::QueryReader &reader)
    {
        AlertsQuery request{ .query = { .isFiring = {},
                                        .before = reader.integer("before"_L1, 0, 0),
                                        .limit = int(reader.integer("limit"_L1, 100, 1, 1'000)) } };
        if (const auto state = reader.optionalString("state"_L1)) {
            request.query.isFiring = *state == "firing"_L1;
            if (*state != "firing"_L1 && *state != "resolved"_L1)
                reader.fail("state"_L1, u"must be firing or resolved"_s);
        }
        return reader.finish(request);
    }
};

struct NewRule
{
    AlertRule rule;

    static Result<NewRule> fromJson(const QJsonObject &json)
    {
        auto rule = AlertRule::fromJson(json);
        if (!rule)
            return Failure(rule.error());
        return NewRule{ *std::move(rule) };
    }
};

QJsonObject page(const QJsonArray &items, const QJsonValue &next = QJsonValue())
{
    return { { u"items"_s, items }, { u"next"_s, next } };
}

} // namespace

namespace {

/// What became of one item of a batch.
struct Outcome
{
    double value = 0;
    Result<History::Taken> taken;
};

std::vector<Outcome> takeAll(History &history, const QJsonArray &readings)
{
    std::vector<Outcome> outcomes;
    outcomes.reserve(size_t(readings.size()));
    for (const auto &item : readings) {
        const auto reading = readReading(item);
        if (reading)
            outcomes.push_back({ .value = reading->value, .taken = history.add(*reading) });
        else
            outcomes.push_back({ .value = 0, .taken = Failure(reading.error()) });
    }
    return outcomes;
}

QByteArray toJson(const History::Answer &answer, Timestamp from, Timestamp to)
{
    QJsonArray items;
    for (const Series::Point &point : answer.points)
        items.append(QJsonObject{ { u"timestamp"_s, toRfc3339(point.at) },
                                  { u"min"_s, point.rollup.min },
                                  { u"avg"_s, point.rollup.average() },
                                  { u"max"_s, point.rollup.max },
                                  { u"count"_s, qint64(point.rollup.count) } });
    QJsonObject json = page(items);
    json.insert(u"series"_s, answer.series.name);
    json.insert(u"unit"_s, answer.series.unit);
    json.insert(u"source"_s, toString(answer.series.source));
    json.insert(u"from"_s, toRfc3339(from));
    json.insert(u"to"_s, toRfc3339(to));
    json.insert(u"step"_s, qint64(answer.step.count()));
    return QJsonDocument(json).toJson(QJsonDocument::Compact);
}

} // namespace

static QCoro::Task<Response> addReadings(Service &service, http::Exchange &exchange, Context context,
                                         http::As<Role::Member>, http::Json<Batch> batch)
{
    auto taking = service.threads().run(context, [history = service.sharedHistory(), readings = batch->readings] {
        return takeAll(*history, readings);
    });
    const std::vector<Outcome> outcomes = co_await std::move(taking);
    context.throwIfStopped(); // the exchange is used below
    QJsonArray results;
    for (const auto &[value, taken] : outcomes) {
        if (!taken)
            results.append(QJsonDocument::fromJson(http::problem(taken.error(), exchange).content()).object());
        else
            results.append(QJsonObject{ { u"series"_s, taken->series.name },
                                        { u"value"_s, value },
                                        { u"unit"_s, taken->series.unit },
                                        { u"timestamp"_s, toRfc3339(taken->at) },
                                        { u"duplicate"_s, taken->isDuplicate } });
    }
    co_return Response::json(QJsonObject{ { u"results"_s, results } });
}

static Response listSeries(Service &service, Principal)
{
    QJsonArray items;
    for (const History::Present &present : service.history().list()) {
        const auto &latest = present.latest;
        items.append(QJsonObject{ { u"series"_s, present.series.name },
                                  { u"unit"_s, present.series.unit },
                                  { u"source"_s, toString(present.series.source) },
                                  { u"value"_s, latest ? QJsonValue(latest->value) : QJsonValue() },
                                  { u"timestamp"_s, latest ? QJsonValue(toRfc3339(latest->at)) : QJsonValue() } });
    }
    return Response::json(page(items));
}

static QCoro::Task<Response> readReadings(Service &service, Context context, Principal,
                                          http::Query<ReadingsQuery> query)
{
    constexpr int pointsWithoutStep = 500;
    const Timestamp to = query->to.value_or(service.clock().timestamp());
    const Timestamp from = query->from.value_or(to - 1h);
    if (from >= to)
        throw Error(Error::Code::InvalidArgument, u"\"from\" must be before \"to\""_s);
    const auto step
        = query->step.value_or(std::max(1s, std::chrono::ceil<std::chrono::seconds>(to - from) / pointsWithoutStep));
    auto reading = service.threads().run(std::move(context),
                                         [history = service.sharedHistory(), series = query->series, from, to, step] {
                                             return toJson(orThrow(history->read(series, from, to, step)), from, to);
                                         });
    co_return Response::json(co_await std::move(reading));
}

static QJsonObject toJson(const AlertRule &rule, AlertMachine::State state)
{
    QJsonObject json = rule.toJson();
    json.insert(u"state"_s, toString(state));
    return json;
}

static Response listRules(Service &service, Principal)
{
    QJsonArray items;
    for (const Alerts::Standing &standing : service.alerts().rules())
        items.append(toJson(standing.rule, standing.state));
    return Response::json(page(items));
}

static Response getRule(Service &service, Principal, http::Path<qint64> id)
{
    for (const Alerts::Standing &standing : service.alerts().rules()) {
        if (standing.rule.id == *id)
            return Response::json(toJson(standing.rule, standing.state));
    }
    throw Error(Error::Code::NotFound, u"there is no alert rule with id %1"_s.arg(*id));
}

static QCoro::Task<Response> addRule(Service &service, Context context, http::As<Role::Operator> caller,
                                     http::Json<NewRule> rule)
{
    rule.value.rule.createdBy = caller->name;
    auto adding = service.alerts().addRule(std::move(context), std::move(rule.value.rule));
    const AlertRule added = co_await std::move(adding);
    Response response = Response::json(toJson(added, AlertMachine::State::Ok), Status::Created);
    response.add("Location", "/api/alerts/rules/" + QByteArray::number(added.id));
    co_return response;
}

static QCoro::Task<Response> removeRule(Service &service, Context context, http::As<Role::Operator>,
                                        http::Path<qint64> id)
{
    auto removing = service.alerts().removeRule(std::move(context), *id);
    co_await std::move(removing);
    co_return Response::noContent();
}

static QCoro::Task<Response> listAlerts(Service &service, Context context, Principal, http::Query<AlertsQuery> query)
{
    // One more than asked for tells whether there is a next page.
    AlertQuery asked = query->query;
    ++asked.limit;
    auto listing = service.alerts().alerts(std::move(context), asked);
    QList<Alert> alerts = co_await std::move(listing);
    const bool hasMore = alerts.size() == asked.limit;
    if (hasMore)
        alerts.removeLast();
    QJsonArray items;
    for (const Alert &alert : std::as_const(alerts))
        items.append(alert.toJson());
    co_return Response::json(page(items, hasMore ? QJsonValue(QString::number(alerts.last().id)) : QJsonValue()));
}

void addSensorRoutes(http::Router &router, Service &service)
{
    using http::bind;
    router.post("/api/readings", bind(addReadings, service));
    router.get("/api/readings", bind(readReadings, service));
    router.get("/api/readings/series", bind(listSeries, service));
    router.get("/api/alerts", bind(listAlerts, service));
    router.get("/api/alerts/rules", bind(listRules, service));
    router.post("/api/alerts/rules", bind(addRule, service));
    router.get("/api/alerts/rules/{id}", bind(getRule, service));
    router.del("/api/alerts/rules/{id}", bind(removeRule, service));
    addRealtimeRoute(router, service, realtimeOptions());
}

} // namespace godwit::sensors
