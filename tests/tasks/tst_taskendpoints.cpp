// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/pipeline.h"
#include "server/search/endpoints.h"
#include "server/tasks/endpoints.h"
#include "tests/support/knowncaller.h"
#include "tests/support/testanswerer.h"
#include "tests/tasks/testtasks.h"

#include <QJsonArray>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::tasks;
using http::Request;

/// The routes of tasks and of search, without a socket.
class tst_TaskEndpoints : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void submitIsAcceptedAndListed();
    void wrongIsNamed_data();
    void wrongIsNamed();
    void eventsEndWithTheTask();
    void eventsOfWhatHasEnded();
    void documentsAndSearch();

private:
    int status(Request request)
    {
        const http::Exchange &exchange = m_server->answers.handle(m_server->pipeline, std::move(request));
        [&exchange] { QTRY_VERIFY(exchange.isAnswered()); }();
        return int(m_server->answers.last().status());
    }

    struct Server
    {
        Server()
            : search(*test.pool),
              streams((addKinds(), *test.service)),
              pipeline(router, godwit::test::KnownCaller::layers())
        {
            addTaskRoutes(router, *test.service, streams);
            search::addSearchRoutes(router, search);
            test.service->start();
        }
        ~Server() { test.close(); }
        void addKinds()
        {
            test.service->addKind(u"work"_s, [this](Job &job) {
                job.setProgress(50, u"half"_s);
                gate.pass(job);
                return QJsonObject();
            });
        }
        Gate gate;
        TestTasks test;
        search::Service search;
        Streams streams;
        http::Router router;
        http::Pipeline pipeline;
        test::TestAnswerer answers;
    };
    std::optional<Server> m_server;
};

void tst_TaskEndpoints::init()
{
    m_server.emplace();
}

void tst_TaskEndpoints::cleanup()
{
    m_server.reset();
}

void tst_TaskEndpoints::submitIsAcceptedAndListed()
{
    QCOMPARE(status(Request::post("/api/tasks", R"({"kind": "work"})")), 202);
    const auto &answers = m_server->answers;
    QCOMPARE(answers.last().header("Location").toByteArray(), "/api/tasks/1"_ba);
    QCOMPARE(answers.lastJson().value("id"_L1).toInt(), 1);
    QCOMPARE(status(Request::get("/api/tasks/1")), 200);
    QCOMPARE(status(Request::get("/api/tasks?status=failed")), 200);
    QCOMPARE(answers.lastJson().value("items"_L1).toArray().size(), 0);
    QVERIFY(answers.lastJson().value("next"_L1).isNull());
    m_server->gate.open();
    QTRY_COMPARE(m_server->test.status(1), Status::Completed);
    QCOMPARE(status(Request::get("/api/tasks?status=completed")), 200);
    QCOMPARE(answers.lastJson().value("items"_L1).toArray().size(), 1);
}

void tst_TaskEndpoints::wrongIsNamed_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("code");
    QTest::newRow("no task") << "/api/tasks/7"_ba << QByteArray() << 404;
    QTest::newRow("events of no task") << "/api/tasks/7/events"_ba << QByteArray() << 404;
    QTest::newRow("status") << "/api/tasks?status=odd"_ba << QByteArray() << 400;
    QTest::newRow("kind") << "/api/tasks"_ba << R"({"kind": "other"})"_ba << 422;
    QTest::newRow("cancel none") << "/api/tasks/7/cancel"_ba << "{}"_ba << 404;
    QTest::newRow("no q") << "/api/search"_ba << QByteArray() << 400;
    QTest::newRow("limit") << "/api/search?q=a&limit=101"_ba << QByteArray() << 400;
    QTest::newRow("mode") << "/api/search?q=a&mode=odd"_ba << QByteArray() << 400;
    QTest::newRow("no document") << "/api/documents/7"_ba << QByteArray() << 404;
    QTest::newRow("no title") << "/api/documents"_ba << R"({"title": " ", "body": ""})"_ba << 422;
}

void tst_TaskEndpoints::wrongIsNamed()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, body);
    QFETCH(int, code);
    QCOMPARE(status(body.isEmpty() ? Request::get(target) : Request::post(target, body)), code);
}

static QByteArray eventsOf(qint64 id)
{
    return "/api/tasks/" + QByteArray::number(id) + "/events";
}

void tst_TaskEndpoints::eventsEndWithTheTask()
{
    const auto id = m_server->test.submit(u"work"_s).id;
    QTRY_COMPARE(m_server->gate.arrived(), 1);
    QCOMPARE(status(Request::get(eventsOf(id))), 200);
    const auto body = m_server->answers.last().body();
    QByteArray stream = test::TestAnswerer::readAll(*body);
    QVERIFY2(stream.contains("event: progress"), stream.constData());
    QVERIFY2(stream.contains("\"half\""), stream.constData());
    QVERIFY2(!stream.contains("event: end"), stream.constData());
    m_server->gate.open();
    QTRY_VERIFY((stream += test::TestAnswerer::readAll(*body)).contains("event: end"));
    QVERIFY2(stream.contains("\"completed\""), stream.constData());
    QVERIFY2(stream.count("event: progress") == stream.count("\nid: "), stream.constData());
}

void tst_TaskEndpoints::eventsOfWhatHasEnded()
{
    m_server->gate.open();
    const auto id = m_server->test.submit(u"work"_s).id;
    QTRY_COMPARE(m_server->test.status(id), Status::Completed);
    QCOMPARE(status(Request::get(eventsOf(id))), 200);
    const QByteArray stream = test::TestAnswerer::readAll(*m_server->answers.last().body());
    QVERIFY2(stream.contains("\"completed\""), stream.constData());
    QVERIFY2(stream.contains("event: end"), stream.constData());
}

void tst_TaskEndpoints::documentsAndSearch()
{
    QCOMPARE(status(Request::post("/api/documents", R"({"title": "Godwit", "body": "a bird"})")), 201);
    const auto &answers = m_server->answers;
    QCOMPARE(answers.last().header("Location").toByteArray(), "/api/documents/1"_ba);
    QCOMPARE(status(Request::get("/api/documents/1")), 200);
    QCOMPARE(answers.lastJson().value("title"_L1).toString(), u"Godwit"_s);
    QCOMPARE(status(Request::get("/api/search?q=bird&mode=sequential")), 200);
    QCOMPARE(answers.last().header("X-Cache").toByteArray(), "miss"_ba);
    const auto hits = QJsonDocument::fromJson(answers.last().content()).array();
    QCOMPARE(hits.size(), 1);
    QCOMPARE(hits[0].toObject().value("snippet"_L1).toString(), u"a <mark>bird</mark>"_s);
    QCOMPARE(status(Request::get("/api/search?q=bird&mode=concurrent")), 200);
    QCOMPARE(answers.last().header("X-Cache").toByteArray(), "hit"_ba);
}

QTEST_GUILESS_MAIN(tst_TaskEndpoints)
#include "tst_taskendpoints.moc"
