// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/signature.h"
#include "server/outbound/webhooks.h"
#include "tests/outbound/clienttest.h"

#include <QElapsedTimer>
#include <QRegularExpression>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::outbound;
using test::FakeReply;
using test::FakeRequest;
using test::FakeServer;

class tst_Webhooks : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void signaturesAreKnown();
    void anEventIsPosted();
    void onlyWhatIsWantedIsSent();
    void withoutAUrlNothingIsSent();
    void whatMayPassIsTriedAgain_data();
    void whatMayPassIsTriedAgain();
    void theQueueIsBounded();
    void aDrainTriesOnceMore();
    void aDrainDoesNotWaitForEver();
    void theEndGivesUp();
    void thePolicyHolds();
};

namespace {

class TestWebhooks
{
public:
    explicit TestWebhooks(const FakeServer &server)
    {
        options.url = server.url().toString() + u"/hook"_s;
        options.secret = u"a secret"_s;
        options.retryDelay = 1ms;
    }
    Webhooks &start()
    {
        webhooks.emplace(client.client(), options);
        return *webhooks;
    }

    TestClient client;
    WebhookOptions options;
    std::optional<Webhooks> webhooks;
};

const QString completed = u"task.completed"_s;
const QJsonObject data{ { u"task_id"_s, 7 } };

} // namespace

void tst_Webhooks::signaturesAreKnown()
{
    // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac 'a secret'
    QCOMPARE(signature("a secret", "{\"a\":1}", Timestamp(1'700'000'000'999ms)),
             "t=1700000000,v1=b4c5d5c08194254de18b80695176335ee482a5907fb5e68f7bd993b1b00b018d"_ba);
}

void tst_Webhooks::anEventIsPosted()
{
    FakeServer server;
    server.on("POST /hook", [](const FakeRequest &, const FakeReply &reply) { reply.answer(204, {}); });
    TestWebhooks test(server);
    test.start().send(completed, data);
    QTRY_COMPARE(test.webhooks->figures().delivered, 1);
    QVERIFY(test.webhooks->isAtRest());
    const FakeRequest &request = server.requests().first();
    const QJsonObject json = request.json();
    QCOMPARE(json["type"_L1].toString(), completed);
    QCOMPARE(json["data"_L1].toObject(), data);
    QVERIFY(fromRfc3339(json["timestamp"_L1].toString()));
    QCOMPARE(request.headers.value("content-type"), "application/json"_ba);
    QCOMPARE(request.headers.value("x-godwit-event"), completed.toLatin1());
    QCOMPARE(request.headers.value("x-godwit-event-id"), json["id"_L1].toString().toLatin1());
    QCOMPARE(request.headers.value("x-godwit-event-id").size(), 32);
    const QByteArray signed_ = request.headers.value("x-godwit-signature");
    const auto match = QRegularExpression(u"^t=([0-9]{10}),v1=[0-9a-f]{64}$"_s).match(QString::fromLatin1(signed_));
    QVERIFY2(match.hasMatch(), signed_.constData());
    QCOMPARE(signed_,
             signature("a secret", request.body, Timestamp(std::chrono::seconds(match.captured(1).toLongLong()))));
}

void tst_Webhooks::onlyWhatIsWantedIsSent()
{
    FakeServer server;
    server.on("POST /hook", [](const FakeRequest &, const FakeReply &reply) { reply.answer(200, "ok"); });
    TestWebhooks test(server);
    test.options.events = QStringList{ u"task.failed"_s };
    test.start().send(completed, data);
    test.webhooks->send(u"task.failed"_s, data);
    QTRY_COMPARE(test.webhooks->figures().delivered, 1);
    QCOMPARE(server.requests().size(), 1);
    QCOMPARE(server.requests().first().json()["type"_L1].toString(), u"task.failed"_s);
}

void tst_Webhooks::withoutAUrlNothingIsSent()
{
    FakeServer server;
    TestWebhooks test(server);
    test.options.url.clear();
    test.start().send(completed, data);
    QVERIFY(test.webhooks->isAtRest());
    test.webhooks->drain();
    QCOMPARE(test.client.client().figures().requests, 0);
}

void tst_Webhooks::whatMayPassIsTriedAgain_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("mayPass");
    for (const int status : { 408, 425, 429, 500, 502, 503 })
        QTest::addRow("%d", status) << status << true;
    for (const int status : { 301, 302, 307, 400, 401, 404, 410, 422 })
        QTest::addRow("%d", status) << status << false;
}

void tst_Webhooks::whatMayPassIsTriedAgain()
{
    QFETCH(int, status);
    QFETCH(bool, mayPass);
    FakeServer server;
    int failures = 3;
    server.on("POST /hook", [&](const FakeRequest &, const FakeReply &reply) {
        reply.answer(--failures >= 0 ? status : 200, {}, "text/plain"_ba,
                     "Location: /hook\r\nRetry-After: 3600\r\n"_ba); // by far too long
    });
    TestWebhooks test(server);
    test.options.longestDelay = 5ms;
    if (!mayPass)
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"has not arrived: 127.0.0.1 answers %1"_s.arg(status)));
    test.start().send(completed, data);
    QTRY_VERIFY(test.webhooks->isAtRest());
    QCOMPARE(test.webhooks->figures().delivered, mayPass ? 1 : 0);
    QCOMPARE(test.webhooks->figures().failed, mayPass ? 0 : 1);
    QCOMPARE(test.webhooks->figures().retries, mayPass ? 3 : 0);
    QCOMPARE(server.requests().size(), mayPass ? 4 : 1);
    for (const FakeRequest &request : server.requests()) // the receiver can tell that it is the same
        QCOMPARE(request.headers.value("x-godwit-event-id"),
                 server.requests().first().headers.value("x-godwit-event-id"));
}

void tst_Webhooks::theQueueIsBounded()
{
    FakeServer server;
    QList<FakeReply> held;
    server.on("POST /hook", [&held](const FakeRequest &, const FakeReply &reply) { held.append(reply); });
    TestWebhooks test(server);
    test.options.queue = 5;
    test.options.concurrency = 2;
    test.start();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"further ones are dropped"_s)); // once
    for (int i = 0; i < 9; ++i)
        test.webhooks->send(completed, data);
    QCOMPARE(test.webhooks->figures().pending, 5);
    QCOMPARE(test.webhooks->figures().dropped, 4);
    for (int answered = 0; answered < 5; ++answered) {
        QTRY_COMPARE(held.size(), std::min(2, 5 - answered));
        held.takeFirst().answer(200, {});
    }
    QTRY_COMPARE(test.webhooks->figures().delivered, 5);
}

void tst_Webhooks::aDrainTriesOnceMore()
{
    FakeServer server;
    int status = 500;
    server.on("POST /hook", [&status](const FakeRequest &, const FakeReply &reply) { reply.answer(status, {}); });
    TestWebhooks test(server);
    test.options.retryDelay = 1h;
    test.options.longestDelay = 1h;
    test.start().send(completed, data);
    test.webhooks->send(completed, data);
    QTRY_COMPARE(server.requests().size(), 2); // and now they pause
    status = 200;
    test.webhooks->drain();
    QTRY_COMPARE(test.webhooks->figures().delivered, 2);
    QVERIFY(test.webhooks->isAtRest());
    status = 500; // what comes during a drain has one try
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"has not arrived: 127.0.0.1 answers 500"_s));
    test.webhooks->send(completed, data);
    QTRY_COMPARE(test.webhooks->figures().failed, 1);
}

void tst_Webhooks::aDrainDoesNotWaitForEver()
{
    FakeServer server;
    server.on("POST /hook", [](const FakeRequest &, const FakeReply &) { });
    TestWebhooks test(server);
    test.options.drainTimeout = 100ms;
    test.start().send(completed, data);
    QTRY_COMPARE(server.requests().size(), 1);
    QElapsedTimer timer;
    timer.start();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"has not arrived"_s));
    test.webhooks->drain();
    QVERIFY(!test.webhooks->isAtRest());
    QTRY_VERIFY(test.webhooks->isAtRest());
    QVERIFY2(timer.elapsed() >= 100, qPrintable(QString::number(timer.elapsed())));
}

void tst_Webhooks::theEndGivesUp()
{
    FakeServer server;
    server.on("POST /hook", [](const FakeRequest &, const FakeReply &) { });
    TestWebhooks test(server);
    test.options.concurrency = 1;
    test.start().send(completed, data);
    test.webhooks->send(completed, data);
    QTRY_COMPARE(server.requests().size(), 1);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"has not arrived"_s));
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"has not arrived"_s));
    test.webhooks.reset();
}

void tst_Webhooks::thePolicyHolds()
{
    FakeServer server;
    TestWebhooks test(server);
    test.client.options.allow = QStringList();
    QTest::ignoreMessage(
        QtWarningMsg, QRegularExpression(u"has not arrived: 127.0.0.1 is a loopback address.*\\[outbound\\] allow"_s));
    test.start().send(completed, data);
    QTRY_COMPARE(test.webhooks->figures().failed, 1);
    QCOMPARE(server.accepted(), 0);
}

QTEST_GUILESS_MAIN(tst_Webhooks)
#include "tst_webhooks.moc"
