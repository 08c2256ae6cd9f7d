// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/operations/endpoints.h"

#include "server/http/bind.h"
#include "server/http/eventstream.h"
#include "server/metrics/httpmetrics.h"
#include "server/metrics/registry.h"
#include "server/operations/metricsfeed.h"
#include "server/operations/pages.h"
#include "server/operations/readiness.h"
#include "server/operations/timestream.h"

using namespace Qt::StringLiterals;

namespace godwit::operations {

using http::Response;

namespace {

/// Our own pages need nothing from elsewhere, and no page may frame them.
Response page(const QByteArray &html)
{
    Response response = Response::html(html);
    response.add("Content-Security-Policy",
                 "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
                 "frame-ancestors 'none'");
    return response;
}

Response showIndex(const Pages &pages)
{
    return page(pages.index);
}

Response showDocs(const Pages &pages)
{
    return page(pages.docs);
}

Response showOpenApi(const Pages &pages)
{
    return Response::json(pages.openApi);
}

Response showAsyncApi(const Pages &pages)
{
    return Response::json(pages.asyncApi);
}

QString toText(Readiness::State state)
{
    switch (state) {
    case Readiness::State::Starting:
        return u"starting"_s;
    case Readiness::State::Ready:
        return u"ok"_s;
    case Readiness::State::Draining:
        return u"draining"_s;
    }
    return {};
}

Response showHealth(const metrics::HttpMetrics &http, const Readiness &readiness, const Clock &clock)
{
    const metrics::HttpCounts total = metrics::HttpMetrics::total(http.snapshot());
    const quint64 requests = total.requests();
    return Response::json(QJsonObject{
        { "status"_L1, toText(readiness.state()) },
        { "metrics"_L1,
          QJsonObject{
              { "total_requests"_L1, qint64(requests) },
              { "average_response_time_ms"_L1, total.average().count() },
              { "error_count"_L1, qint64(total.errors()) },
              { "error_rate_percent"_L1, requests ? 100.0 * double(total.errors()) / double(requests) : 0.0 },
          } },
        { "timestamp"_L1, toRfc3339(clock.timestamp()) },
    });
}

Response showLive()
{
    return Response::json(QJsonObject{ { "status"_L1, u"ok"_s } });
}

Response showReady(const Readiness &readiness, const Clock &clock)
{
    if (readiness.state() != Readiness::State::Ready)
        throw Error(Error::Code::Unavailable, u"the server is "_s + toText(readiness.state()));
    readiness.throwIfCutOff(clock.now());
    return Response::json(QJsonObject{ { "status"_L1, u"ok"_s } });
}

Response showMetrics(const metrics::Registry &registry)
{
    return Response(http::Status::Ok, "text/plain; version=0.0.4; charset=utf-8", registry.text());
}

Response streamMetrics(MetricsFeed &feed, protocol::Principal, const http::Request &request)
{
    // A client that lags wants the newest figures, not all of them.
    auto stream
        = std::make_shared<http::EventStream>(http::EventStream::Options{ .policy = http::SlowConsumer::KeepNewest });
    feed.subscribe(stream, request.header("Last-Event-ID"));
    return Response::events(std::move(stream));
}

struct TimeQuery
{
    std::chrono::milliseconds interval;

    static Result<TimeQuery> fromQuery(http::QueryReader &reader)
    {
        const double seconds = reader.number("interval"_L1, 1, 0.05, 3600);
        return reader.finish(TimeQuery{ std::chrono::milliseconds(std::llround(seconds * 1000)) });
    }
};

Response streamTime(const Clock &clock, const http::Request &request, http::Query<TimeQuery> query)
{
    const qint64 last = request.header("Last-Event-ID").toByteArray().toLongLong(); // 0 where it is no number
    return Response::events(makeTimeStream(clock, query->interval, last + 1));
}

} // namespace

void registerEndpoints(http::Router &router, const Services &services)
{
    using http::bind;
    router.get("/", bind(showIndex, services.pages));
    router.get("/docs", bind(showDocs, services.pages));
    router.get("/openapi.json", bind(showOpenApi, services.pages));
    router.get("/asyncapi.json", bind(showAsyncApi, services.pages));
    router.get("/health", bind(showHealth, services.http, services.readiness, services.clock));
    router.get("/health/live", bind(showLive));
    router.get("/health/ready", bind(showReady, services.readiness, services.clock));
    router.get("/metrics", bind(showMetrics, services.registry));
    router.get("/api/metrics/stream", bind(streamMetrics, services.feed)).withoutDeadline();
    router.get("/api/events/time", bind(streamTime, services.clock)).withoutDeadline();
}

} // namespace godwit::operations
