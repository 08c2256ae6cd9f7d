// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/bind.h"
#include "server/http/pipeline.h"
#include "tests/support/testanswerer.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::http;
using godwit::test::TestAnswerer;

namespace {

/// Writes down when it is called.
class Recorder final : public Middleware
{
public:
    enum class Fails { No, Before, After };

    Recorder(QByteArray name, QByteArrayList &calls, Fails fails = Fails::No)
        : m_name(std::move(name)),
          m_calls(calls),
          m_fails(fails)
    {
    }
    void before(Exchange &) override
    {
        m_calls << m_name + '+';
        if (m_fails == Fails::Before)
            throw Error(Error::Code::PermissionDenied, u"no"_s);
    }
    void after(Exchange &, Response &response) override
    {
        m_calls << m_name + '-' + QByteArray::number(int(response.status()));
        if (m_fails == Fails::After)
            throw Error(Error::Code::Conflict, u"too late"_s);
    }

private:
    const QByteArray m_name;
    QByteArrayList &m_calls;
    const Fails m_fails;
};

std::vector<std::unique_ptr<Middleware>> layers(QByteArrayList &calls, Recorder::Fails second = Recorder::Fails::No)
{
    std::vector<std::unique_ptr<Middleware>> list;
    list.push_back(std::make_unique<Recorder>("a"_ba, calls));
    list.push_back(std::make_unique<Recorder>("b"_ba, calls, second));
    list.push_back(std::make_unique<Recorder>("c"_ba, calls));
    return list;
}

Request webSocketRequest(QByteArrayView target)
{
    return Request::get(target,
                        { { "Upgrade", "websocket" },
                          { "Connection", "Upgrade" },
                          { "Sec-WebSocket-Version", "13" },
                          { "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==" } });
}

Request withMethod(QByteArrayView method, QByteArrayView target)
{
    const QByteArray bytes = method.toByteArray() + ' ' + target.toByteArray() + " HTTP/1.1\r\nHost: x\r\n\r\n";
    return Request::fromBytes(bytes);
}

void hello(Exchange &exchange)
{
    exchange.answer(Response::text("hello"));
}

} // namespace

class tst_Pipeline : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void unmatched_data();
    void unmatched();
    void layersRunInOrderAndBack();
    void layersSeeWhatWasNotFound();
    void aLayerThatRefuses();
    void aLayerThatFailsAfterwards();
    void aHandlerThatThrows();
    void layersRunForAClientThatHasLeft();
    void upgradesAreSeenAs101();
    void webSocketRoutes_data();
    void webSocketRoutes();
    void anUpgradeToAPlainRouteIsAPlainRequest();
    void headIsAnsweredByGet();
    void deadlines_data();
    void deadlines();
    void bodyLimits();
    void theContextIsMadeOnceAndFires();
    void aContextThatIsMadeTooLateHasFired();
    void theSecondAnswerIsDropped();
    void resetForgetsAll();

private:
    Exchange &handle(Request request)
    {
        Pipeline pipeline(*m_router, layers(m_calls));
        return m_answers->handle(pipeline, std::move(request));
    }

    QByteArrayList m_calls;
    std::unique_ptr<Router> m_router;
    std::unique_ptr<TestAnswerer> m_answers;
};

void tst_Pipeline::init()
{
    m_calls.clear();
    m_answers = std::make_unique<TestAnswerer>();
    m_router = std::make_unique<Router>();
    m_router->get("/hello", hello);
    m_router->post("/hello", hello).accepting(17);
    m_router->webSocket("/ws", [](Exchange &exchange) { exchange.acceptUpgrade(nullptr); });
    m_router->get("/throws", [](Exchange &) { throw Error(Error::Code::Conflict, u"no"_s); });
}

void tst_Pipeline::unmatched_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("allow");
    QTest::newRow("not found") << "GET"_ba << "/nothing"_ba << 404 << QByteArray();
    QTest::newRow("not found by OPTIONS") << "OPTIONS"_ba << "/nothing"_ba << 404 << QByteArray();
    QTest::newRow("method") << "DELETE"_ba << "/hello"_ba << 405 << "GET, HEAD, POST, OPTIONS"_ba;
    QTest::newRow("OPTIONS") << "OPTIONS"_ba << "/hello"_ba << 204 << "GET, HEAD, POST, OPTIONS"_ba;
    QTest::newRow("OPTIONS of the server")
        << "OPTIONS"_ba << "*"_ba << 204 << "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"_ba;
    QTest::newRow("dot segments") << "GET"_ba << "/x/../hello"_ba << 404 << QByteArray();
}

void tst_Pipeline::unmatched()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(int, status);
    QFETCH(QByteArray, allow);
    handle(withMethod(method, target));
    QCOMPARE(m_answers->count(), size_t(1));
    QCOMPARE(int(m_answers->last().status()), status);
    QCOMPARE(m_answers->last().header("Allow"), QByteArrayView(allow));
    QCOMPARE(m_answers->last().contentType() == "application/problem+json", status >= 400);
}

void tst_Pipeline::layersRunInOrderAndBack()
{
    handle(Request::get("/hello"));
    QCOMPARE(m_calls, QByteArrayList({ "a+", "b+", "c+", "c-200", "b-200", "a-200" }));
}

void tst_Pipeline::layersSeeWhatWasNotFound()
{
    handle(Request::get("/nothing"));
    QCOMPARE(m_calls, QByteArrayList({ "a+", "b+", "c+", "c-404", "b-404", "a-404" }));
}

void tst_Pipeline::aLayerThatRefuses()
{
    Pipeline pipeline(*m_router, layers(m_calls, Recorder::Fails::Before));
    m_answers->handle(pipeline, Request::get("/hello"));
    QCOMPARE(m_calls, QByteArrayList({ "a+", "b+", "b-403", "a-403" }));
    QCOMPARE(m_answers->last().status(), Status::Forbidden);
}

void tst_Pipeline::aLayerThatFailsAfterwards()
{
    QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(u"too late"_s));
    Pipeline pipeline(*m_router, layers(m_calls, Recorder::Fails::After));
    m_answers->handle(pipeline, Request::get("/hello"));
    QCOMPARE(m_calls, QByteArrayList({ "a+", "b+", "c+", "c-200", "b-200", "a-200" }));
    QCOMPARE(m_answers->last().status(), Status::Ok);
}

void tst_Pipeline::aHandlerThatThrows()
{
    handle(Request::get("/throws"));
    QCOMPARE(m_answers->last().status(), Status::Conflict);
    QCOMPARE(m_calls.last(), "a-409"_ba);
}

void tst_Pipeline::layersRunForAClientThatHasLeft()
{
    Exchange *waiting = nullptr;
    m_router->get("/slow", [&waiting](Exchange &exchange) { waiting = &exchange; });
    Pipeline pipeline(*m_router, layers(m_calls));
    m_answers->handle(pipeline, Request::get("/slow"));
    QCOMPARE(m_calls, QByteArrayList({ "a+", "b+", "c+" }));
    waiting->requestStop();
    QVERIFY(waiting->isStopped());
    waiting->fail(Error::cancelled());
    QCOMPARE(m_calls.size(), 6);
}

void tst_Pipeline::upgradesAreSeenAs101()
{
    handle(webSocketRequest("/ws"));
    QCOMPARE(m_answers->upgrades(), 1);
    QVERIFY(!m_answers->hasAnswer());
    QCOMPARE(m_calls, QByteArrayList({ "a+", "b+", "c+", "c-101", "b-101", "a-101" }));
}

void tst_Pipeline::webSocketRoutes_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<int>("status");
    QTest::newRow("GET") << "GET"_ba << 426;
    QTest::newRow("HEAD") << "HEAD"_ba << 426;
    QTest::newRow("POST") << "POST"_ba << 405;
}

void tst_Pipeline::webSocketRoutes()
{
    QFETCH(QByteArray, method);
    QFETCH(int, status);
    handle(withMethod(method, "/ws"));
    QCOMPARE(int(m_answers->last().status()), status);
    QCOMPARE(m_answers->last().header("Upgrade") == "websocket", status == 426);
    QCOMPARE(m_answers->upgrades(), 0);
}

void tst_Pipeline::anUpgradeToAPlainRouteIsAPlainRequest()
{
    handle(webSocketRequest("/hello"));
    QCOMPARE(m_answers->last().content(), "hello"_ba);
}

void tst_Pipeline::headIsAnsweredByGet()
{
    const Exchange &exchange = handle(withMethod("HEAD", "/hello"));
    QCOMPARE(m_answers->last().status(), Status::Ok);
    QCOMPARE(exchange.route->pattern, "/hello"_ba);
}

void tst_Pipeline::deadlines_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<std::chrono::milliseconds>("expected"); // max: none
    QTest::newRow("default") << "/hello"_ba << 7000ms;
    QTest::newRow("own") << "/own"_ba << 1000ms;
    QTest::newRow("none") << "/stream"_ba << std::chrono::milliseconds::max();
    QTest::newRow("not found") << "/nothing"_ba << 7000ms;
}

void tst_Pipeline::deadlines()
{
    QFETCH(QByteArray, target);
    QFETCH(std::chrono::milliseconds, expected);
    m_router->get("/own", hello).within(1s);
    m_router->get("/stream", hello).withoutDeadline();
    Pipeline pipeline(*m_router, {}, { .defaultDeadline = 7s });
    const Exchange &exchange = m_answers->handle(pipeline, Request::get(target));
    QVERIFY(exchange.deadline.remaining(exchange.startedAt) == expected);
    QVERIFY(exchange.startedAt != TimePoint{});
}

void tst_Pipeline::bodyLimits()
{
    Pipeline pipeline(*m_router, {});
    QCOMPARE(pipeline.bodyRule(Request::post("/hello", ""), 100).limit, 17);
    QCOMPARE(pipeline.bodyRule(Request::get("/hello"), 100).limit, 100);
    QCOMPARE(pipeline.bodyRule(Request::post("/nothing", ""), 100).limit, 100);
}

void tst_Pipeline::theContextIsMadeOnceAndFires()
{
    Exchange &exchange = m_answers->make(Request::get("/hello"));
    exchange.requestId = "id";
    exchange.deadline = async::Deadline::in(1h);
    const async::Context first = exchange.context();
    const async::Context second = exchange.context();
    QVERIFY(first.stop.stop_possible());
    QVERIFY(first.stop == second.stop);
    QVERIFY(first.deadline == exchange.deadline);
    QCOMPARE(first.requestId, "id"_ba);
    QVERIFY(!exchange.isStopped());
    int fired = 0;
    const std::stop_callback onStop(first.stop, [&fired] { ++fired; });
    exchange.requestStop();
    exchange.requestStop();
    QCOMPARE(fired, 1);
    QVERIFY(exchange.isStopped());
}

void tst_Pipeline::aContextThatIsMadeTooLateHasFired()
{
    Exchange &exchange = m_answers->make(Request::get("/hello"));
    exchange.requestStop();
    QVERIFY(exchange.isStopped());
    QVERIFY(exchange.context().isStopped());
}

void tst_Pipeline::theSecondAnswerIsDropped()
{
    QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(u"second answer.*/hello"_s));
    Exchange &exchange = m_answers->make(Request::get("/hello"));
    exchange.answer(Response::text("one"));
    exchange.answer(Response::text("two"));
    QCOMPARE(m_answers->count(), size_t(1));
    QCOMPARE(m_answers->last().content(), "one"_ba);
}

void tst_Pipeline::resetForgetsAll()
{
    Exchange &exchange = handle(Request::get("/hello"));
    const async::Context old = exchange.context();
    exchange.requestStop();
    QVERIFY(old.isStopped());
    exchange.reset();
    QVERIFY(!exchange.isAnswered());
    QVERIFY(!exchange.isStopped());
    QVERIFY(!exchange.context().isStopped());
    QVERIFY(!exchange.route);
    QVERIFY(exchange.requestId.isEmpty());
    QVERIFY(exchange.deadline.isNever());
    exchange.answer(Response::text("again"));
    QCOMPARE(m_answers->last().content(), "again"_ba);
    QCOMPARE(m_calls.size(), 6); // nobody observes it any more
}

QTEST_GUILESS_MAIN(tst_Pipeline)
#include "tst_pipeline.moc"
