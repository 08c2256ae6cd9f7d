// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later

// What each middleware costs: CPU nanoseconds a request of a pipeline without a socket, with none of them, with one
// each, and with all that godwitd runs. Prints a Markdown table.
#include "server/http/bind.h"
#include "server/http/pipeline.h"
#include "server/metrics/httpmetrics.h"
#include "server/middleware/accesslog.h"
#include "server/middleware/cors.h"
#include "server/middleware/drain.h"
#include "server/middleware/hostcheck.h"
#include "server/middleware/origincheck.h"
#include "server/middleware/ratelimit.h"
#include "server/middleware/requestid.h"
#include "server/middleware/requestmetrics.h"
#include "server/middleware/shedding.h"
#include "server/middleware/tracing.h"

#include <QCoreApplication>

#include <cstdio>
#include <ctime>

using namespace godwit;
using Layers = std::vector<std::unique_ptr<http::Middleware>>;

namespace {

class Sink final : public http::Answerer
{
public:
    void answer(http::Exchange &, http::Response &&response) override { m_bytes += response.content().size(); }
    void acceptUpgrade(http::Exchange &, QWebSocketServer *) override { }

private:
    qsizetype m_bytes = 0;
};

http::Response hello()
{
    return http::Response::text("Hello, World!");
}

double cpuNanoseconds()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e9 + double(time.tv_nsec);
}

/// The least of several runs: what disturbs can only add.
double nanosecondsPerRequest(const http::Router &router, Layers layers)
{
    constexpr int requests = 100'000, runs = 5;
    http::Pipeline pipeline(router, std::move(layers));
    Sink sink;
    http::Exchange exchange(sink);
    const http::Request request
        = http::Request::get("/api/hello", { { "Host", "127.0.0.1" }, { "Origin", "https://a.example" } });
    double best = 1e18;
    for (int run = 0; run < runs; ++run) {
        const double before = cpuNanoseconds();
        for (int i = 0; i < requests; ++i) {
            exchange.reset();
            exchange.request = request;
            exchange.startedAt = std::chrono::steady_clock::now();
            pipeline.handle(exchange);
        }
        best = std::min(best, (cpuNanoseconds() - before) / requests);
    }
    return best;
}

template<class... Middleware>
Layers layersOf(std::unique_ptr<Middleware>... middleware)
{
    Layers layers;
    (layers.push_back(std::move(middleware)), ...);
    return layers;
}

} // namespace

int main(int argc, char *argv[])
{
    const QCoreApplication application(argc, argv);
    http::Router router;
    router.get("/api/hello", http::bind(hello));
    metrics::HttpMetrics metrics;
    metrics.setRoutes(middleware::RequestMetrics::labelsOf(router));
    const middleware::DrainSwitch drain;
    const auto requestId = [] { return std::make_unique<middleware::RequestId>(); };
    const auto counts = [&] { return std::make_unique<middleware::RequestMetrics>(metrics); };
    const auto cors = [] {
        return std::make_unique<middleware::Cors>(middleware::CorsOptions{ .origins = { "https://a.example" } });
    };
    const auto accessLog = [] {
        return std::make_unique<middleware::AccessLog>(middleware::AccessLog::Format::Text, [](const QByteArray &) { });
    };
    const auto drains = [&] { return std::make_unique<middleware::Drain>(drain); };
    const auto sheds = [] { return std::make_unique<middleware::Shedding>(middleware::SheddingOptions{}); };
    const auto rates
        = [] { return std::make_unique<middleware::RateLimit>(middleware::RateLimits{ .anonymous = 1'000'000 }); };
    const auto origins = [] { return std::make_unique<middleware::OriginCheck>(QList<QByteArray>{}); };
    const auto hosts = [] { return std::make_unique<middleware::HostCheck>(QList<QByteArray>{}); };

    metrics::TraceStore traces({});
    const auto tracing = [&] { return std::make_unique<middleware::Tracing>(traces); };

    const double none = nanosecondsPerRequest(router, {});
    std::printf("| middleware | ns a request | more than none |\n|---|---:|---:|\n");
    const auto row = [&](const char *name, Layers layers) {
        const double cost = nanosecondsPerRequest(router, std::move(layers));
        std::printf("| %s | %.0f | %.0f |\n", name, cost, cost - none);
    };
    row("none", {});
    row("request id", layersOf(requestId()));
    row("metrics", layersOf(counts()));
    row("CORS", layersOf(cors()));
    row("access log, lines thrown away", layersOf(accessLog()));
    row("tracing", layersOf(tracing()));
    row("drain", layersOf(drains()));
    row("origin check", layersOf(origins()));
    row("host check", layersOf(hosts()));
    row("shedding", layersOf(sheds()));
    row("rate limit, with its two fields", layersOf(rates()));
    row("as users run it: id, metrics, drain, shedding, host, origin, rate limit",
        layersOf(requestId(), counts(), drains(), sheds(), hosts(), origins(), rates()));
    row("id, tracing, metrics, drain, origin check", layersOf(requestId(), tracing(), counts(), drains(), origins()));
    row("all", layersOf(requestId(), accessLog(), counts(), cors(), drains(), sheds(), hosts(), origins(), rates()));
}
