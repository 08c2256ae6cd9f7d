// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/bind.h"
#include "server/http/eventstream.h"
#include "server/metrics/inspecttoolkit.h"
#include "server/middleware/requestid.h"
#include "server/middleware/tracing.h"
#include "server/operations/insideendpoints.h"
#include "server/operations/runtimewatch.h"
#include "shared/async/sleep.h"
#include "tests/support/testanswerer.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::operations;
using protocol::Role;

static QCoro::Task<http::Response> napping(async::Context context)
{
    const async::Span span(context.trace, "nap");
    auto nap = async::sleepFor(context, 1ms);
    co_await std::move(nap);
    co_return http::Response::text(context.trace ? context.trace.trace->traceparentOf(span.position().span) : "");
}

static http::Response quick()
{
    return http::Response::text("quick");
}

static QCoro::Task<http::Response> failing(async::Context context)
{
    auto nap = async::sleepFor(context, 1ms);
    co_await std::move(nap);
    throw Error(Error::Code::Unavailable, u"not now"_s);
}

/// What an operator sees of the inside, without a socket.
class tst_Inside : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void onlyOperators_data();
    void onlyOperators();
    void runtimeShowsTheParts();
    void runtimeIsOfOneKind();
    void actionsAreDone();
    void actionsThatCannotBe_data();
    void actionsThatCannotBe();
    void theStreamTellsTheNewest();
    void nobodyListensNothingIsAsked();
    void tracesShowWhatARequestDid();
    void aRefusedRequestIsFoundByItsId();
    void aTraceGoesOnFromItsCaller();
    void aWrongTraceparentBeginsAnother();
    void tracesAreFiltered_data();
    void tracesAreFiltered();

private:
    const http::Response &ask(http::Request request)
    {
        http::Exchange &exchange = m_answers.handle(*m_pipeline, std::move(request));
        [&] { QTRY_VERIFY(exchange.isAnswered()); }();
        return m_answers.last();
    }
    const http::Response &get(QByteArrayView target, std::initializer_list<http::Header> headers = {})
    {
        return ask(http::Request::get(target, headers));
    }
    void beRole(Role role)
    {
        m_answers.caller
            = std::make_shared<const protocol::Principal>(protocol::Principal{ .name = u"olga"_s, .role = role });
    }
    QJsonObject traceOf(const QByteArray &requestId)
    {
        get(QByteArray("/api/traces?request_id=" + requestId));
        const auto items = m_answers.lastJson()["items"_L1].toArray();
        if (items.size() != 1)
            return {};
        get(QByteArray("/api/traces/" + items[0]["trace_id"_L1].toString().toLatin1()));
        return m_answers.lastJson();
    }

    metrics::Inspector m_inspector;
    async::CircuitBreaker m_breaker{ { .name = u"weather forecast"_s } };
    std::atomic<int> m_asked = 0;
    metrics::Registrations m_inspected{ m_inspector };
    std::unique_ptr<RuntimeWatch> m_watch;
    std::unique_ptr<metrics::TraceStore> m_traces;
    std::unique_ptr<http::Router> m_router;
    std::unique_ptr<http::Pipeline> m_pipeline;
    test::TestAnswerer m_answers;
};

void tst_Inside::init()
{
    if (m_watch)
        m_pipeline.reset();
    else
        m_inspected.add(metrics::inspectable(m_breaker));
    m_breaker.reset();
    m_watch = std::make_unique<RuntimeWatch>(m_inspector);
    m_traces = std::make_unique<metrics::TraceStore>(metrics::TraceStore::Options{ .slow = 50ms });
    m_router = std::make_unique<http::Router>();
    addRuntimeRoutes(*m_router, *m_watch);
    addTraceRoutes(*m_router, *m_traces, *m_watch);
    m_router->get("/nap", http::bind(napping));
    m_router->get("/quick", http::bind(quick));
    m_router->get("/failing", http::bind(failing));
    std::vector<std::unique_ptr<http::Middleware>> layers;
    layers.push_back(std::make_unique<middleware::RequestId>());
    layers.push_back(std::make_unique<middleware::Tracing>(*m_traces));
    m_pipeline = std::make_unique<http::Pipeline>(*m_router, std::move(layers));
    beRole(Role::Operator);
}

void tst_Inside::onlyOperators_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::newRow("runtime") << "GET"_ba << "/api/runtime"_ba;
    QTest::newRow("runtime stream") << "GET"_ba << "/api/runtime/stream"_ba;
    QTest::newRow("action") << "POST"_ba << "/api/runtime/breaker/weather%20forecast/trip"_ba;
    QTest::newRow("traces") << "GET"_ba << "/api/traces"_ba;
    QTest::newRow("trace") << "GET"_ba << "/api/traces/0af7651916cd43dd8448eb211c80319c"_ba;
}

void tst_Inside::onlyOperators()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    const auto request = [&] { return method == "GET" ? http::Request::get(target) : http::Request::post(target, ""); };
    m_answers.caller.reset();
    QCOMPARE(ask(request()).status(), http::Status::Unauthorized);
    beRole(Role::Member);
    QCOMPARE(ask(request()).status(), http::Status::Forbidden);
    QVERIFY(m_breaker.acquire(std::chrono::steady_clock::now()));
}

void tst_Inside::runtimeShowsTheParts()
{
    QCOMPARE(get("/api/runtime").status(), http::Status::Ok);
    const auto snapshot = protocol::RuntimeSnapshot::fromJson(m_answers.lastJson());
    QVERIFY(snapshot);
    QCOMPARE(snapshot->items.size(), 1);
    QCOMPARE(snapshot->items[0].kind, u"breaker"_s);
    QCOMPARE(snapshot->items[0].state, u"closed"_s);
    QCOMPARE(snapshot->items[0].limits[u"failures"_s].toInt(), 5);
}

void tst_Inside::runtimeIsOfOneKind()
{
    get("/api/runtime?kind=cache");
    QCOMPARE(m_answers.lastJson()["items"_L1].toArray().size(), 0);
    get("/api/runtime?kind=breaker");
    QCOMPARE(m_answers.lastJson()["items"_L1].toArray().size(), 1);
    QCOMPARE(get("/api/runtime?limit=-1").status(), http::Status::BadRequest);
}

void tst_Inside::actionsAreDone()
{
    QStringList deeds;
    m_watch->setAuditor([&deeds](const RuntimeWatch::Deed &deed) {
        deeds += QStringList{ deed.actor, deed.action, deed.kind, deed.name, deed.outcome }.join(u'|');
    });
    QCOMPARE(ask(http::Request::post("/api/runtime/breaker/weather%20forecast/trip", "")).status(),
             http::Status::NoContent);
    QVERIFY(!m_breaker.acquire(std::chrono::steady_clock::now()));
    ask(http::Request::post("/api/runtime/breaker/weather%20forecast/reset", ""));
    QVERIFY(m_breaker.acquire(std::chrono::steady_clock::now()));
    ask(http::Request::post("/api/runtime/breaker/weather%20forecast/bake", ""));
    QCOMPARE(deeds.size(), 3);
    QCOMPARE(deeds[0], u"olga|trip|breaker|weather forecast|done"_s);
    QCOMPARE(deeds[1], u"olga|reset|breaker|weather forecast|done"_s);
    QVERIFY2(deeds[2].startsWith(u"olga|bake|breaker|weather forecast|"_s) && !deeds[2].endsWith(u"|done"_s),
             qPrintable(deeds[2]));
}

void tst_Inside::actionsThatCannotBe_data()
{
    QTest::addColumn<QByteArray>("what");
    QTest::addColumn<http::Status>("status");
    QTest::newRow("kind") << "oven/weather%20forecast/trip"_ba << http::Status::NotFound;
    QTest::newRow("name") << "breaker/weather/trip"_ba << http::Status::NotFound;
    QTest::newRow("action") << "breaker/weather%20forecast/flush"_ba << http::Status::NotFound;
    QTest::newRow("not now") << "queue/tasks/resume"_ba << http::Status::Conflict;
}

void tst_Inside::actionsThatCannotBe()
{
    QFETCH(QByteArray, what);
    QFETCH(http::Status, status);
    const auto queue = m_inspector.add(metrics::Inspectable{
        .kind = u"queue"_s,
        .name = u"tasks"_s,
        .inspect = [](protocol::RuntimePart &) {},
        .actions = { { u"resume"_s, [] { throw Error(Error::Code::Conflict, u"not paused"_s); } } } });
    QCOMPARE(ask(http::Request::post(QByteArray("/api/runtime/" + what), "")).status(), status);
    QCOMPARE(m_answers.last().contentType(), "application/problem+json");
}

void tst_Inside::theStreamTellsTheNewest()
{
    const http::Response response = get("/api/runtime/stream");
    QCOMPARE(response.contentType(), "text/event-stream");
    QByteArray text;
    QTRY_VERIFY(text.append(test::TestAnswerer::readAll(*response.body())).contains("event: runtime\n"));
    QVERIFY(text.contains("weather forecast"));
    m_breaker.trip();
    QTRY_VERIFY((m_watch->tick(), text.append(test::TestAnswerer::readAll(*response.body())).contains("\"open\"")));
    // Who comes back gets the state of now, and is told that something came between.
    const http::Response again = get("/api/runtime/stream", { { "Last-Event-ID", "other:1" } });
    const QByteArray back = test::TestAnswerer::readAll(*again.body());
    QVERIFY(back.contains("event: gap\n"));
    QVERIFY(back.contains("event: runtime\n"));
}

void tst_Inside::nobodyListensNothingIsAsked()
{
    const auto part = m_inspector.add(metrics::Inspectable{
        .kind = u"cache"_s, .name = u"a"_s, .inspect = [this](protocol::RuntimePart &) { ++m_asked; } });
    m_watch->tick();
    get("/api/runtime?kind=cache"); // behind it, in the same thread
    QCOMPARE(m_asked.load(), 1);
}

void tst_Inside::tracesShowWhatARequestDid()
{
    get("/nap", { { "X-Request-Id", "nap-1" } });
    const QJsonObject trace = traceOf("nap-1");
    const auto spans = trace["spans"_L1].toArray();
    QCOMPARE(spans.size(), 2);
    QCOMPARE(spans[0]["name"_L1].toString(), u"GET /nap"_s);
    QCOMPARE(spans[0]["parent"_L1], QJsonValue(QJsonValue::Null));
    QCOMPARE(spans[1]["name"_L1].toString(), u"nap"_s);
    QCOMPARE(spans[1]["parent"_L1], spans[0]["id"_L1]);
    QVERIFY(spans[1]["duration_us"_L1].toInteger() >= 1000);

    get("/quick", { { "X-Request-Id", "quick-1" } });
    QCOMPARE(traceOf("quick-1")["spans"_L1].toArray().size(), 1);
}

void tst_Inside::aRefusedRequestIsFoundByItsId()
{
    QCOMPARE(get("/failing").status(), http::Status::ServiceUnavailable);
    const QByteArray id = m_answers.lastJson()["request_id"_L1].toString().toLatin1();
    const auto spans = traceOf(id)["spans"_L1].toArray();
    QCOMPARE(spans.size(), 1);
    QCOMPARE(spans[0]["attributes"_L1]["status"_L1].toInt(), 503);
    QCOMPARE(spans[0]["failed"_L1], QJsonValue(true));
    m_answers.caller.reset();
    QCOMPARE(get("/api/traces").status(), http::Status::Unauthorized); // refused before any handler
    const QByteArray refused = m_answers.lastJson()["request_id"_L1].toString().toLatin1();
    beRole(Role::Operator);
    QCOMPARE(traceOf(refused)["spans"_L1][0]["attributes"_L1]["status"_L1].toInt(), 401);
    get("/nowhere", { { "X-Request-Id", "lost" } });
    QCOMPARE(traceOf("lost")["spans"_L1][0]["name"_L1].toString(), u"GET (no route)"_s);
}

void tst_Inside::aTraceGoesOnFromItsCaller()
{
    const QByteArray parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const QByteArray told = get("/nap", { { "traceparent", parent } }).content();
    const auto sent = async::TraceParent::parse(told); // what would go out with a request made within
    QVERIFY(sent);
    QCOMPARE(sent->traceIdText(), "0af7651916cd43dd8448eb211c80319c");
    QVERIFY(sent->spanId != async::TraceParent::parse(parent)->spanId);
    get("/quick", { { "traceparent", parent } });
    get("/api/traces/0af7651916cd43dd8448eb211c80319c");
    const auto spans = m_answers.lastJson()["spans"_L1].toArray();
    QCOMPARE(spans.size(), 3);
    QCOMPARE(spans[0]["parent"_L1].toString(), u"b7ad6b7169203331"_s);
    QCOMPARE(spans[1]["id"_L1].toString().toLatin1(), async::TraceParent::spanIdText(sent->spanId));
}

void tst_Inside::aWrongTraceparentBeginsAnother()
{
    const QByteArray parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (const QByteArray &wrong : { QByteArray("nonsense"), parent.toUpper() })
        QVERIFY(!get("/nap", { { "traceparent", wrong } }).content().contains("0af7651916cd43dd8448eb211c80319c"));
    get("/nap", { { "traceparent", parent }, { "traceparent", parent } }); // which of them?
    QCOMPARE(get("/api/traces/0af7651916cd43dd8448eb211c80319c").status(), http::Status::NotFound);
}

void tst_Inside::tracesAreFiltered_data()
{
    QTest::addColumn<QByteArray>("query");
    QTest::addColumn<http::Status>("status");
    QTest::addColumn<int>("count");
    QTest::newRow("all") << ""_ba << http::Status::Ok << 2;
    QTest::newRow("failed") << "?outcome=failed"_ba << http::Status::Ok << 1;
    QTest::newRow("long") << "?min_ms=60000"_ba << http::Status::Ok << 0;
    QTest::newRow("one") << "?limit=1"_ba << http::Status::Ok << 1;
    QTest::newRow("no outcome") << "?outcome=odd"_ba << http::Status::BadRequest << 0;
    QTest::newRow("no limit") << "?limit=0"_ba << http::Status::BadRequest << 0;
}

void tst_Inside::tracesAreFiltered()
{
    QFETCH(QByteArray, query);
    QFETCH(http::Status, status);
    QFETCH(int, count);
    get("/quick");
    get("/failing");
    QCOMPARE(get(QByteArray("/api/traces" + query)).status(), status);
    QCOMPARE(m_answers.lastJson()["items"_L1].toArray().size(), count);
}

QTEST_GUILESS_MAIN(tst_Inside)
#include "tst_inside.moc"
