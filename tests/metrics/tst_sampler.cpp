// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/registry.h"
#include "server/metrics/sampler.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::metrics;

/// Counters to samples, and both to Prometheus' text.
class tst_Sampler : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void ratesAreOfTheTimeBetweenSamples();
    void anIdleSecondHasNoLatency();
    void samplesComeByThemselves();
    void textShowsHistogramsByRoute();
    void textShowsFiguresAndLeavesUnknownsOut();
};

static const ConnectionFigures someConnections{ .http = 3, .sse = 2, .webSocket = 1 };

void tst_Sampler::ratesAreOfTheTimeBetweenSamples()
{
    HttpMetrics http;
    http.setRoutes({ { "GET", "/a" }, { "GET", "/idle" } });
    ManualClock clock;
    Sampler sampler(http, [] { return someConnections; }, Host(), clock);
    for (int i = 0; i < 10; ++i)
        http.record(0, i < 2 ? 500 : 200, 4ms);
    http.record(-1, 404, 1ms);
    clock.advance(2s);
    sampler.sample();

    const protocol::MetricsSample sample = sampler.latest();
    QCOMPARE(sample.counter, 1);
    QCOMPARE(sample.timestamp, clock.timestamp());
    QCOMPARE(sample.requestsPerSecond, 5.5);
    QCOMPARE(sample.errorsPerSecond, 1.0);
    QCOMPARE(sample.httpConnections, 3);
    QCOMPARE(sample.sseConnections, 2);
    QCOMPARE(sample.webSocketConnections, 1);
    QCOMPARE(sample.routes.size(), 2);
    QCOMPARE(sample.routes[0].route, u"GET /a"_s);
    QCOMPARE(sample.routes[0].requestsPerSecond, 5.0);
    QVERIFY(std::abs(sample.routes[0].p50Ms - 4) <= 0.5);
    QCOMPARE(sample.routes[1].route, u"(no route)"_s);

    clock.advance(1s);
    sampler.sample();
    QCOMPARE(sampler.latest().requestsPerSecond, 0.0);
    QCOMPARE(sampler.latest().counter, 2);
    QVERIFY(sampler.latest().routes.isEmpty());
}

void tst_Sampler::anIdleSecondHasNoLatency()
{
    const HttpMetrics http;
    Sampler sampler(http, [] { return ConnectionFigures(); });
    sampler.sample();
    QVERIFY(std::isnan(sampler.latest().p50Ms));
    QVERIFY(std::isnan(sampler.latest().p99Ms));
}

void tst_Sampler::samplesComeByThemselves()
{
    const HttpMetrics http;
    Sampler sampler(http, [] { return ConnectionFigures(); });
    const QSignalSpy spy(&sampler, &Sampler::sampled);
    sampler.start(5ms);
    QTRY_VERIFY(spy.count() >= 3);
    QVERIFY(sampler.latest().memoryUsage > 0 || std::isnan(sampler.latest().memoryUsage));
}

void tst_Sampler::textShowsHistogramsByRoute()
{
    HttpMetrics http;
    http.setRoutes({ { "GET", "/a/{id}" }, { "GET", "/never" } });
    http.record(0, 200, 63us);
    http.record(0, 200, 64us);
    http.record(0, 404, 1h);
    Registry registry;
    registry.add(collectHttp(http));
    const QByteArray text = registry.text();

    QVERIFY(text.contains("# TYPE godwit_http_requests_total counter\n"));
    QVERIFY(text.contains("godwit_http_requests_total{method=\"GET\",route=\"/a/{id}\",status=\"2xx\"} 2\n"));
    QVERIFY(text.contains("godwit_http_requests_total{method=\"GET\",route=\"/a/{id}\",status=\"4xx\"} 1\n"));
    QVERIFY(text.contains("# TYPE godwit_http_request_duration_seconds histogram\n"));
    const auto hasBucket = [&text](const QByteArray &boundAndCount) {
        const QByteArray line
            = R"(godwit_http_request_duration_seconds_bucket{method="GET",route="/a/{id}",le=)" + boundAndCount;
        return text.contains(QByteArray(line + '\n'));
    };
    QVERIFY(hasBucket("\"6.4e-05\"} 1"));
    QVERIFY(hasBucket("\"0.000128\"} 2"));
    QVERIFY(hasBucket("\"+Inf\"} 3"));
    QVERIFY(!text.contains("/never"));
}

void tst_Sampler::textShowsFiguresAndLeavesUnknownsOut()
{
    const HttpMetrics http;
    const QTemporaryDir empty;
    Sampler sampler(http, [] { return someConnections; }, Host(empty.path()));
    sampler.sample();
    Registry registry;
    registry.add(collectSamples(sampler));
    registry.addGauge("godwit_test_queue", "Jobs that wait.", [] { return 7.0; });
    registry.addGauge("godwit_test_unknown", "Not to be seen.", [] { return HostFigures::unknown; });
    registry.addCounter("godwit_test_total", "Jobs done.", [] { return 8.0; });
    registry.addLabels("godwit_build_info", "What runs.", { { "version", "1.2" } });
    const QByteArray text = registry.text();

    QVERIFY(text.contains("godwit_connections{kind=\"http\"} 3\n"));
    QVERIFY(text.contains("godwit_connections{kind=\"websocket\"} 1\n"));
    QVERIFY(text.contains(
        "# HELP godwit_test_queue Jobs that wait.\n# TYPE godwit_test_queue gauge\ngodwit_test_queue 7\n"));
    QVERIFY(text.contains("# TYPE godwit_test_total counter\ngodwit_test_total 8\n"));
    QVERIFY(text.contains("godwit_build_info{version=\"1.2\"} 1\n"));
    QVERIFY(!text.contains("godwit_test_unknown"));
    QVERIFY(!text.contains("godwit_host_temperature_celsius"));
}

QTEST_GUILESS_MAIN(tst_Sampler)
#include "tst_sampler.moc"
