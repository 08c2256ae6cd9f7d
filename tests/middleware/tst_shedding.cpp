// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/bind.h"
#include "server/middleware/shedding.h"
#include "tests/support/testanswerer.h"
#include "tests/websocket/rawclient.h"
#include "tests/websocket/testserver.h"

#include <QAbstractEventDispatcher>
#include <QTest>

#include <memory>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::http;
using namespace godwit::middleware;

namespace {

/// Keeps the loop busy for 2 ms: what a handler must not do, and many together do all the same.
Response work()
{
    const TimePoint end = std::chrono::steady_clock::now() + 2ms;
    while (std::chrono::steady_clock::now() < end) { }
    return Response::text("done");
}

Router makeRouter()
{
    Router router;
    router.get("/work", bind(work));
    for (const char *path : { "/hello", "/health", "/health/ready", "/metrics", "/healthy" })
        router.get(path, [](Exchange &exchange) { exchange.answer(Response::text("ok")); });
    return router;
}

std::vector<std::unique_ptr<Middleware>> list(std::unique_ptr<Middleware> layer)
{
    std::vector<std::unique_ptr<Middleware>> layers;
    layers.push_back(std::move(layer));
    return layers;
}

} // namespace

class tst_Shedding : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void shedsWhatHasWaited();
    void healthIsNeverShed_data();
    void healthIsNeverShed();
    void eachThreadIsAQueue();
    void isInspected();
    void aServerWithTooMuchToDo();
};

void tst_Shedding::shedsWhatHasWaited()
{
    const Router router = makeRouter();
    Pipeline pipeline(router, list(std::make_unique<Shedding>(SheddingOptions{ .target = 20ms, .interval = 500ms })));
    test::TestAnswerer answers;
    const TimePoint start{ 1h };
    const auto ask = [&](std::chrono::milliseconds at, std::chrono::milliseconds waited) {
        Exchange &exchange = answers.make(Request::get("/hello"));
        exchange.startedAt = start + at;
        exchange.waited = waited;
        pipeline.handle(exchange);
        return answers.last().status();
    };
    for (auto at = 0ms; at < 500ms; at += 10ms)
        QCOMPARE(ask(at, 30ms), Status::Ok);
    QCOMPARE(ask(500ms, 30ms), Status::ServiceUnavailable);
    QCOMPARE(answers.last().header("Retry-After"), QByteArrayView("1"));
    const QJsonObject decider = answers.lastJson()[u"decider"_s].toObject();
    QCOMPARE(decider[u"kind"_s], u"shedding"_s);
    QCOMPARE(decider[u"name"_s], u"requests"_s);
    QCOMPARE(decider[u"limit"_s], 0.02);
    QCOMPARE(decider[u"used"_s], 0.03);
    QCOMPARE(decider[u"retry_after"_s], 1);
    QCOMPARE(ask(510ms, 30ms), Status::Ok);
    QCOMPARE(ask(511ms, 41ms), Status::ServiceUnavailable); // beyond twice the target
    QCOMPARE(ask(520ms, 19ms), Status::Ok);
    QCOMPARE(ask(521ms, 41ms), Status::Ok);
}

void tst_Shedding::healthIsNeverShed_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<bool>("isShed");
    QTest::newRow("health") << "/health"_ba << false;
    QTest::newRow("ready") << "/health/ready"_ba << false;
    QTest::newRow("metrics") << "/metrics"_ba << false;
    QTest::newRow("another") << "/healthy"_ba << true;
}

void tst_Shedding::healthIsNeverShed()
{
    QFETCH(const QByteArray, path);
    QFETCH(const bool, isShed);
    const Router router = makeRouter();
    Pipeline pipeline(router, list(std::make_unique<Shedding>(SheddingOptions{})));
    test::TestAnswerer answers;
    int refused = 0;
    for (int i = 0; i < 100; ++i) {
        Exchange &exchange = answers.make(Request::get(path));
        exchange.startedAt = TimePoint{ 1h } + i * 100ms;
        exchange.waited = 1s;
        pipeline.handle(exchange);
        refused += answers.last().status() == Status::ServiceUnavailable;
    }
    QCOMPARE(refused, isShed ? 95 : 0);
}

void tst_Shedding::eachThreadIsAQueue()
{
    const Router router = makeRouter();
    auto layer = std::make_unique<Shedding>(SheddingOptions{});
    const Shedding &shedding = *layer;
    Pipeline pipeline(router, list(std::move(layer)));
    const auto overload = [&](std::chrono::milliseconds waited) {
        test::TestAnswerer answers;
        for (int i = 0; i < 100; ++i) {
            Exchange &exchange = answers.make(Request::get("/hello"));
            exchange.startedAt = TimePoint{ 1h } + i * 100ms;
            exchange.waited = waited;
            pipeline.handle(exchange);
        }
    };
    std::thread(overload, 30ms).join();
    std::thread(overload, 0ms).join(); // does not say that the other is well
    QCOMPARE(shedding.figures().shedding, 1);
    QVERIFY(shedding.figures().shed > 50);
    QVERIFY(shedding.figures().waited == 30ms);
}

void tst_Shedding::isInspected()
{
    metrics::Inspector inspector;
    const Shedding shedding({ .target = 7ms }, &inspector);
    const auto snapshot = inspector.snapshot({ .kind = u"shedder"_s });
    QCOMPARE(snapshot.items.size(), 1);
    QCOMPARE(snapshot.items.first().name, u"requests"_s);
    QCOMPARE(snapshot.items.first().state, u"idle"_s);
    QCOMPARE(snapshot.items.first().limits[u"target"_s], 0.007);
}

/// One loop, and first one client, then fifty that ask again as soon as they are answered: 100 ms of work at a time.
void tst_Shedding::aServerWithTooMuchToDo()
{
    if (!std::unique_ptr<QAbstractEventDispatcher>(runtime::makeEventDispatcher()))
        QSKIP("nothing tells how long a request waited");
    auto layer = std::make_unique<Shedding>(SheddingOptions{ .target = 20ms, .interval = 200ms });
    const Shedding &shedding = *layer;
    test::TestServer server(makeRouter(), 1, {}, list(std::move(layer)));
    test::RawClient calm(server.port());
    for (int i = 0; i < 200; ++i) {
        calm.request("/work", {});
        QVERIFY(calm.readAnswer().startsWith("HTTP/1.1 200 "));
    }
    QCOMPARE(shedding.figures().shed, 0);
    {
        std::vector<std::jthread> crowd;
        for (int i = 0; i < 50; ++i) {
            crowd.emplace_back([&](const std::stop_token &stop) {
                test::RawClient client(server.port());
                while (!stop.stop_requested()) {
                    client.request("/work", {});
                    const QByteArray head = client.readAnswer();
                    if (head.startsWith("HTTP/1.1 503 "))
                        QVERIFY(client.answerBody().contains(R"("kind":"shedding","name":"requests")"));
                    else
                        QVERIFY(head.startsWith("HTTP/1.1 200 "));
                }
            });
        }
        QTRY_VERIFY_WITH_TIMEOUT(shedding.figures().shed > 100, 20'000);
        for (int i = 0; i < 20; ++i) {
            calm.request("/health", {});
            QVERIFY(calm.readAnswer().startsWith("HTTP/1.1 200 "));
        }
    }
    const auto isWell = [&] {
        calm.request("/work", {});
        return calm.readAnswer().startsWith("HTTP/1.1 200 ") && shedding.figures().shedding == 0;
    };
    QTRY_VERIFY(isWell());
}

QTEST_GUILESS_MAIN(tst_Shedding)
#include "tst_shedding.moc"
