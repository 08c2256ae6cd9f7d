// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/eventstream.h"
#include "server/http/pipeline.h"
#include "server/metrics/httpmetrics.h"
#include "server/metrics/registry.h"
#include "server/operations/endpoints.h"
#include "server/operations/metricsfeed.h"
#include "server/operations/pages.h"
#include "server/operations/readiness.h"
#include "tests/support/knowncaller.h"
#include "tests/support/testanswerer.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::operations;

class tst_Operations : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_readiness.set(Readiness::State::Ready); }
    void healthSaysStateAndTotals();
    void readyIsOnlyReadyBetweenStartAndDrain_data();
    void readyIsOnlyReadyBetweenStartAndDrain();
    void notReadyWhileABreakerIsOpen();
    void liveIsAlwaysLive();
    void metricsArePrometheusText();
    void pagesNameTheVersion_data();
    void pagesNameTheVersion();
    void descriptionsAreJson();
    void metricsStreamIsAnEventStream();
    void timeIntervalIsChecked_data();
    void timeIntervalIsChecked();

private:
    const http::Response &get(QByteArrayView target, std::initializer_list<http::Header> headers = {})
    {
        m_answers.handle(m_pipeline, http::Request::get(target, headers));
        return m_answers.last();
    }
    static http::Router makeRouter(const Services &services)
    {
        http::Router router;
        registerEndpoints(router, services);
        return router;
    }

    metrics::HttpMetrics m_http;
    metrics::Registry m_registry;
    MetricsFeed m_feed;
    Readiness m_readiness;
    const Pages m_pages = Pages::load("9.8.7");
    ManualClock m_clock;
    const http::Router m_router = makeRouter({ m_http, m_registry, m_feed, m_readiness, m_pages, m_clock });
    http::Pipeline m_pipeline{ m_router, test::KnownCaller::layers() };
    test::TestAnswerer m_answers;
};

void tst_Operations::healthSaysStateAndTotals()
{
    m_http.record(-1, 200, 1ms);
    m_http.record(-1, 404, 2ms);
    m_http.record(-1, 500, 3ms);
    m_http.record(-1, 503, 4ms);
    QCOMPARE(get("/health").status(), http::Status::Ok);
    QCOMPARE(m_answers.lastJson(),
             (QJsonObject{ { u"status"_s, u"ok"_s },
                           { u"metrics"_s,
                             QJsonObject{ { u"total_requests"_s, 4 },
                                          { u"average_response_time_ms"_s, 2.5 },
                                          { u"error_count"_s, 2 },
                                          { u"error_rate_percent"_s, 50.0 } } },
                           { u"timestamp"_s, toRfc3339(m_clock.timestamp()) } }));
}

void tst_Operations::readyIsOnlyReadyBetweenStartAndDrain_data()
{
    QTest::addColumn<Readiness::State>("state");
    QTest::addColumn<http::Status>("status");
    QTest::addColumn<QString>("health");
    QTest::newRow("starting") << Readiness::State::Starting << http::Status::ServiceUnavailable << u"starting"_s;
    QTest::newRow("ready") << Readiness::State::Ready << http::Status::Ok << u"ok"_s;
    QTest::newRow("draining") << Readiness::State::Draining << http::Status::ServiceUnavailable << u"draining"_s;
}

void tst_Operations::readyIsOnlyReadyBetweenStartAndDrain()
{
    QFETCH(Readiness::State, state);
    QFETCH(http::Status, status);
    QFETCH(QString, health);
    m_readiness.set(state);
    QCOMPARE(get("/health/ready").status(), status);
    if (status != http::Status::Ok) {
        QCOMPARE(m_answers.last().contentType(), "application/problem+json");
        QVERIFY(m_answers.lastJson()["detail"_L1].toString().contains(health));
    }
    QCOMPARE(get("/health").status(), http::Status::Ok);
    QCOMPARE(m_answers.lastJson()["status"_L1].toString(), health);
}

void tst_Operations::notReadyWhileABreakerIsOpen()
{
    async::CircuitBreaker breaker({ .name = u"database"_s, .failures = 1, .openFor = 30s });
    Readiness readiness;
    readiness.set(Readiness::State::Ready);
    readiness.dependOn(breaker);
    const http::Router router = makeRouter({ m_http, m_registry, m_feed, readiness, m_pages, m_clock });
    http::Pipeline pipeline(router, {});
    const auto status = [&](QByteArrayView target = "/health/ready") {
        m_answers.handle(pipeline, http::Request::get(target));
        return m_answers.last().status();
    };
    QCOMPARE(status(), http::Status::Ok);
    breaker.acquire(m_clock.now())->report(async::CircuitBreaker::Outcome::Failure, m_clock.now());
    m_clock.advance(10s);
    QCOMPARE(status(), http::Status::ServiceUnavailable);
    QCOMPARE(m_answers.last().header("Retry-After"), QByteArrayView("20"));
    const QJsonObject decider = m_answers.lastJson()[u"decider"_s].toObject();
    QCOMPARE(decider[u"kind"_s], u"circuit_breaker"_s);
    QCOMPARE(decider[u"name"_s], u"database"_s);
    QCOMPARE(status("/health/live"), http::Status::Ok);
    m_clock.advance(20s); // it may be tried: whoever waits for us to be ready may send somebody
    QCOMPARE(status(), http::Status::Ok);
    breaker.trip();
    QCOMPARE(status(), http::Status::ServiceUnavailable);
    breaker.reset();
    QCOMPARE(status(), http::Status::Ok);
}

void tst_Operations::liveIsAlwaysLive()
{
    m_readiness.set(Readiness::State::Draining);
    QCOMPARE(get("/health/live").status(), http::Status::Ok);
}

void tst_Operations::metricsArePrometheusText()
{
    m_registry.addGauge("godwit_answer", "Of all questions.", [] { return 42.0; });
    const http::Response &response = get("/metrics");
    QCOMPARE(response.contentType(), "text/plain; version=0.0.4; charset=utf-8");
    QVERIFY(response.content().contains("\ngodwit_answer 42\n"));
}

void tst_Operations::pagesNameTheVersion_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::newRow("index") << QByteArray("/");
    QTest::newRow("docs") << QByteArray("/docs");
    QTest::newRow("openapi") << QByteArray("/openapi.json");
    QTest::newRow("asyncapi") << QByteArray("/asyncapi.json");
}

void tst_Operations::pagesNameTheVersion()
{
    QFETCH(QByteArray, target);
    const http::Response &response = get(target);
    QCOMPARE(response.status(), http::Status::Ok);
    QVERIFY(response.content().contains("9.8.7"));
    QVERIFY(!response.content().contains("{{"));
    if (!target.endsWith("json"))
        QVERIFY(!response.header("Content-Security-Policy").isNull());
}

void tst_Operations::descriptionsAreJson()
{
    get("/openapi.json");
    QCOMPARE(m_answers.lastJson()["openapi"_L1].toString(), u"3.1.0"_s);
    get("/asyncapi.json");
    QCOMPARE(m_answers.lastJson()["asyncapi"_L1].toString(), u"3.0.0"_s);
}

void tst_Operations::metricsStreamIsAnEventStream()
{
    m_feed.publish({});
    const http::Response response = get("/api/metrics/stream");
    QCOMPARE(response.contentType(), "text/event-stream");
    QVERIFY(response.header("Cache-Control").contains("no-store"));
    const QByteArray text = test::TestAnswerer::readAll(*response.body());
    QVERIFY(text.contains("retry: "));
    QVERIFY(text.contains("event: metrics\n"));
    QVERIFY(text.contains("\"cpu_usage\""));

    const http::Response again = get("/api/metrics/stream", { { "Last-Event-ID", "other:1" } });
    QVERIFY(test::TestAnswerer::readAll(*again.body()).contains("event: gap\n"));
}

void tst_Operations::timeIntervalIsChecked_data()
{
    QTest::addColumn<QByteArray>("query");
    QTest::addColumn<http::Status>("status");
    QTest::newRow("default") << QByteArray() << http::Status::Ok;
    QTest::newRow("least") << QByteArray("?interval=0.05") << http::Status::Ok;
    QTest::newRow("most") << QByteArray("?interval=3600") << http::Status::Ok;
    QTest::newRow("too short") << QByteArray("?interval=0.049") << http::Status::BadRequest;
    QTest::newRow("too long") << QByteArray("?interval=3601") << http::Status::BadRequest;
    QTest::newRow("negative") << QByteArray("?interval=-1") << http::Status::BadRequest;
    QTest::newRow("no number") << QByteArray("?interval=soon") << http::Status::BadRequest;
    QTest::newRow("not a number") << QByteArray("?interval=nan") << http::Status::BadRequest;
}

void tst_Operations::timeIntervalIsChecked()
{
    QFETCH(QByteArray, query);
    QFETCH(http::Status, status);
    QCOMPARE(get(QByteArray("/api/events/time" + query)).status(), status);
}

QTEST_GUILESS_MAIN(tst_Operations)
#include "tst_operations.moc"
