// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/traceexporter.h"
#include "tests/outbound/clienttest.h"

#include <QJsonArray>
#include <QRegularExpression>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::outbound;
using test::FakeReply;
using test::FakeRequest;
using test::FakeServer;

class tst_TraceExporter : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void batchesArriveThoughTheAddressIsPrivate();
    void theIntervalSendsWhatIsThere();
    void theCallersWordOnSamplingHolds();
    void whatMayPassIsTriedAgain_data();
    void whatMayPassIsTriedAgain();
    void rejectedSpansAreCounted();
    void theQueueIsBounded();
    void aDrainSendsAtOnce();
    void aDrainGivesUpAfterAFailure();
    void theEndGivesUp();
};

namespace {

class TestExporter
{
public:
    explicit TestExporter(const FakeServer &server)
    {
        client.options.allow = QStringList(); // the endpoint is the operator's own word
        options.endpoint = server.url().toString() + u"/v1/traces"_s;
        options.interval = 1h;
        options.retryDelay = 1ms;
    }
    TraceExporter &start() { return exporter.emplace(client.client(), options, "1.2"_ba); }
    void add(int requests, quint8 flags = 1)
    {
        for (int i = 0; i < requests; ++i) {
            async::TraceParent self = async::TraceParent::random();
            self.flags = flags;
            exporter->add({ .self = self, .method = "GET", .route = "/", .status = 200, .requestId = "r" }, {});
        }
    }
    TraceExporter::Figures figures() const { return exporter->figures(); }

    TestClient client;
    TraceExportOptions options;
    std::optional<TraceExporter> exporter;
};

qsizetype spansOf(const FakeRequest &request)
{
    return request.json()["resourceSpans"_L1][0]["scopeSpans"_L1][0]["spans"_L1].toArray().size();
}

void answerAll(FakeServer &server, int status, const QByteArray &body = {}, const QByteArray &moreHeaders = {})
{
    server.on("POST /v1/traces", [=](const FakeRequest &, const FakeReply &reply) {
        reply.answer(status, body, "application/json"_ba, moreHeaders);
    });
}

} // namespace

void tst_TraceExporter::batchesArriveThoughTheAddressIsPrivate()
{
    FakeServer server;
    answerAll(server, 200, "{}");
    TestExporter test(server);
    test.options.batchSpans = 3;
    test.options.headers = QStringList{ u"authorization=Bearer a=b"_s, u" x-tenant=lab"_s };
    test.start();
    test.add(2);
    QCOMPARE(test.figures().pending, 2);
    test.add(1);
    QTRY_COMPARE(test.figures().exported, 3);
    QVERIFY(test.exporter->isAtRest());
    QCOMPARE(test.figures().batches, 1);
    const FakeRequest &request = server.requests().first();
    QCOMPARE(spansOf(request), 3);
    QCOMPARE(request.headers.value("content-type"), "application/json"_ba);
    QCOMPARE(request.headers.value("authorization"), "Bearer a=b"_ba);
    QCOMPARE(request.headers.value("x-tenant"), "lab"_ba);
    QVERIFY(!request.headers.contains("traceparent")); // an export is not exported
    // To whom only the operator's word opens the way: not for others.
    QCOMPARE(test.client.get(server.url()).code(), Error::Code::PermissionDenied);
}

void tst_TraceExporter::theIntervalSendsWhatIsThere()
{
    FakeServer server;
    answerAll(server, 200);
    TestExporter test(server);
    test.options.interval = 1ms;
    test.start();
    for (int i = 1; i <= 3; ++i) {
        test.add(1);
        QTRY_COMPARE(test.figures().exported, i);
    }
}

void tst_TraceExporter::theCallersWordOnSamplingHolds()
{
    FakeServer server;
    answerAll(server, 200);
    TestExporter test(server);
    test.options.batchSpans = 1;
    test.start();
    test.add(1, 0);
    QVERIFY(test.exporter->isAtRest());
    test.add(1, 3);
    QTRY_COMPARE(test.figures().exported, 1);
    QCOMPARE(server.requests().size(), 1);
}

void tst_TraceExporter::whatMayPassIsTriedAgain_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("mayPass");
    for (const int status : { 429, 502, 503, 504 })
        QTest::addRow("%d", status) << status << true;
    for (const int status : { 301, 307, 400, 401, 404, 500 })
        QTest::addRow("%d", status) << status << false;
}

void tst_TraceExporter::whatMayPassIsTriedAgain()
{
    QFETCH(int, status);
    QFETCH(bool, mayPass);
    FakeServer server;
    int failures = 3;
    server.on("POST /v1/traces", [&](const FakeRequest &, const FakeReply &reply) {
        reply.answer(--failures >= 0 ? status : 200, {}, "text/plain"_ba,
                     "Location: /v1/traces\r\nRetry-After: 3600\r\n"_ba); // by far too long
    });
    TestExporter test(server);
    test.options.batchSpans = 2;
    test.options.longestDelay = 5ms;
    if (!mayPass)
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"do not reach.*answers %1"_s.arg(status)));
    test.start();
    test.add(2);
    QTRY_VERIFY(test.exporter->isAtRest());
    QCOMPARE(test.figures().exported, mayPass ? 2 : 0);
    QCOMPARE(test.figures().failed, mayPass ? 0 : 2);
    QCOMPARE(test.figures().retries, mayPass ? 3 : 0);
    QCOMPARE(server.requests().size(), mayPass ? 4 : 1);
    for (const FakeRequest &request : server.requests())
        QCOMPARE(request.body, server.requests().first().body); // the same, so with the same ids
}

void tst_TraceExporter::rejectedSpansAreCounted()
{
    FakeServer server;
    answerAll(server, 200, R"({"partialSuccess": {"rejectedSpans": "2", "errorMessage": "too old"}})");
    TestExporter test(server);
    test.options.batchSpans = 3;
    test.start();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"rejects 2 spans: too old"_s));
    test.add(3);
    QTRY_COMPARE(test.figures().rejected, 2);
    QCOMPARE(test.figures().exported, 1);
    QCOMPARE(server.requests().size(), 1);
}

void tst_TraceExporter::theQueueIsBounded()
{
    FakeServer server;
    QList<FakeReply> held;
    server.on("POST /v1/traces", [&held](const FakeRequest &, const FakeReply &reply) { held.append(reply); });
    TestExporter test(server);
    test.options.queue = 5;
    test.options.batchSpans = 2;
    test.start();
    test.add(2);
    QTRY_COMPARE(held.size(), 1);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"further ones are dropped"_s)); // once
    test.add(9);
    QCOMPARE(test.figures().dropped, 4);
    QCOMPARE(test.figures().pending, 7);
    for (int batches = 1; batches <= 3; ++batches) {
        QTRY_COMPARE(held.size(), 1);
        held.takeFirst().answer(200, {});
        QTRY_COMPARE(test.figures().exported, 2 * batches);
    }
    test.exporter->drain();
    QTRY_COMPARE(held.size(), 1);
    held.takeFirst().answer(200, {});
    QTRY_COMPARE(test.figures().exported, 7);
}

void tst_TraceExporter::aDrainSendsAtOnce()
{
    FakeServer server;
    answerAll(server, 200);
    TestExporter test(server);
    test.start();
    test.add(2);
    QVERIFY(!test.exporter->isAtRest());
    test.exporter->drain();
    QTRY_COMPARE(test.figures().exported, 2);
    QVERIFY(test.exporter->isAtRest());
    test.add(1); // of a request that was still in work
    QTRY_COMPARE(test.figures().exported, 3);
}

void tst_TraceExporter::aDrainGivesUpAfterAFailure()
{
    FakeServer server;
    answerAll(server, 503);
    TestExporter test(server);
    test.options.batchSpans = 2;
    test.options.retryDelay = 1h;
    test.options.longestDelay = 1h;
    test.start();
    test.add(5);
    QTRY_COMPARE(server.requests().size(), 1); // and now it pauses
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"do not reach"_s)); // once
    test.exporter->drain();
    QTRY_VERIFY(test.exporter->isAtRest());
    QCOMPARE(test.figures().failed, 5);
    QCOMPARE(server.requests().size(), 2);
    QTest::ignoreMessage(QtInfoMsg, QRegularExpression(u"traces reach 127.0.0.1 again"_s));
    answerAll(server, 200);
    test.add(1);
    QTRY_COMPARE(test.figures().exported, 1);
}

void tst_TraceExporter::theEndGivesUp()
{
    FakeServer server;
    server.on("POST /v1/traces", [](const FakeRequest &, const FakeReply &) { });
    TestExporter test(server);
    test.options.batchSpans = 1;
    test.start();
    test.add(2);
    QTRY_COMPARE(server.requests().size(), 1);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"do not reach"_s));
    test.exporter.reset();
}

QTEST_GUILESS_MAIN(tst_TraceExporter)
#include "tst_traceexporter.moc"
