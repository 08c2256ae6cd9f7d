// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fakeserver.h"
#include "tests/tasks/testtasks.h"

#include <QCryptographicHash>
#include <QJsonArray>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::tasks;
using test::FakeReply;
using test::FakeRequest;
using test::FakeServer;

class tst_Fetch : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void resultsAreInTheOrderAsked();
    void soManyAtATime();
    void cancelAbortsAtOnce();
    void theBreakerIsSeen();
    void privateAddressesAreRefused();
    void paramsAreChecked_data();
    void paramsAreChecked();
};

namespace {

class TestFetch : public TestKinds
{
public:
    explicit TestFetch(QStringList allow = { u"127.0.0.1"_s })
        : TestKinds({ .allow = std::move(allow), .bodyBytes = 1'000'000, .retryDelay = 1ms })
    {
    }

    qint64 submit(const QJsonArray &urls, QJsonObject more = {})
    {
        more.insert(u"urls"_s, urls);
        return TestKinds::submit(u"fetch"_s, more);
    }
    QJsonArray results(qint64 id) { return tasks.get(id).result.value("results"_L1).toArray(); }
};

QString at(const FakeServer &server, const QString &path)
{
    return server.url().toString() + path;
}

} // namespace

void tst_Fetch::resultsAreInTheOrderAsked()
{
    FakeServer server;
    std::optional<FakeReply> slow;
    server.on("GET /slow", [&slow](const FakeRequest &, const FakeReply &reply) { slow = reply; });
    server.on("GET /large",
              [](const FakeRequest &, const FakeReply &reply) { reply.answer(200, QByteArray(2'000, 'x')); });
    int failures = 2;
    server.on("GET /passing", [&](const FakeRequest &, const FakeReply &reply) {
        if (--failures >= 0)
            reply.answer(503, {});
        else
            reply.answer(200, "well", "text/plain; charset=utf-8");
        if (failures < 0)
            slow->answer(200, "late", "text/html");
    });
    TestFetch test;
    const auto id = test.submit(
        { at(server, u"/slow"_s), at(server, u"/none"_s), at(server, u"/large"_s), at(server, u"/passing"_s) },
        { { u"max_bytes"_s, 1'000 } });
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    const auto task = test.tasks.get(id);
    QCOMPARE(task.message, u"4 of 4, 2 failed"_s);
    QCOMPARE(task.result.value("succeeded"_L1).toInt(), 2);
    QCOMPARE(task.result.value("failed"_L1).toInt(), 2);
    const QJsonArray results = test.results(id);
    QCOMPARE(results.size(), 4);
    QCOMPARE(results[0]["url"_L1].toString(), at(server, u"/slow"_s));
    QCOMPARE(results[0]["status"_L1].toInt(), 200);
    QCOMPARE(results[0]["content_type"_L1].toString(), u"text/html"_s);
    QCOMPARE(results[0]["bytes"_L1].toInt(), 4);
    QCOMPARE(results[0]["sha256"_L1].toString().toLatin1(),
             QCryptographicHash::hash("late", QCryptographicHash::Sha256).toHex());
    QVERIFY(results[0]["took_ms"_L1].isDouble());
    QCOMPARE(results[1]["status"_L1].toInt(), 404);
    QCOMPARE(results[2]["problem"_L1]["title"_L1].toString(), u"Too large"_s);
    QVERIFY(results[2]["status"_L1].isUndefined());
    QCOMPARE(results[3]["status"_L1].toInt(), 200);
    QCOMPARE(results[3]["attempts"_L1].toInt(), 3);
}

void tst_Fetch::soManyAtATime()
{
    FakeServer server;
    QList<FakeReply> held;
    server.on("GET /a", [&held](const FakeRequest &, const FakeReply &reply) { held.append(reply); });
    TestFetch test;
    QJsonArray urls;
    for (int i = 0; i < 7; ++i)
        urls.append(at(server, u"/a"_s));
    const auto id = test.submit(urls, { { u"concurrency"_s, 3 } });
    int answered = 0;
    while (answered < 7) {
        QTRY_COMPARE(held.size(), std::min(3, 7 - answered));
        held.takeFirst().answer(200, {});
        ++answered;
    }
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    QCOMPARE(server.count("/a"), 7);
}

void tst_Fetch::cancelAbortsAtOnce()
{
    FakeServer server;
    QList<FakeReply> held;
    server.on("GET /a", [&held](const FakeRequest &, const FakeReply &reply) { held.append(reply); });
    TestFetch test;
    const auto id
        = test.submit({ at(server, u"/a"_s), at(server, u"/a"_s), at(server, u"/a"_s) }, { { u"concurrency"_s, 2 } });
    QTRY_COMPARE(held.size(), 2);
    test.tasks.service->cancel({}, id).waitForFinished();
    QTRY_COMPARE(test.tasks.status(id), Status::Cancelled);
    for (const FakeReply &reply : held)
        QTRY_VERIFY(!reply.isOpen());
    QCOMPARE(server.count("/a"), 2); // the third has not begun
}

void tst_Fetch::theBreakerIsSeen()
{
    FakeServer server;
    server.on("GET /a", [](const FakeRequest &, const FakeReply &reply) { reply.answer(500, {}); });
    TestFetch test;
    QJsonArray urls;
    for (int i = 0; i < 7; ++i)
        urls.append(at(server, u"/a"_s));
    const auto id = test.submit(urls, { { u"concurrency"_s, 1 } });
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    const QJsonArray results = test.results(id);
    QCOMPARE(server.count("/a"), 5);
    QCOMPARE(results[4]["status"_L1].toInt(), 500);
    QCOMPARE(results[5]["problem"_L1]["decider"_L1]["kind"_L1].toString(), u"circuit_breaker"_s);
    QVERIFY(results[6]["problem"_L1]["decider"_L1]["retry_after"_L1].toDouble() > 0);
}

void tst_Fetch::privateAddressesAreRefused()
{
    FakeServer server;
    TestFetch test{ QStringList() };
    const auto id = test.submit({ at(server, u"/a"_s), u"http://169.254.169.254/latest/meta-data/"_s });
    QTRY_COMPARE(test.tasks.status(id), Status::Completed);
    for (const auto &result : test.results(id)) {
        QCOMPARE(result["problem"_L1]["title"_L1].toString(), u"Not allowed"_s);
        QVERIFY(result["problem"_L1]["detail"_L1].toString().contains(u"[outbound] allow"_s));
    }
    QCOMPARE(server.accepted(), 0);
}

void tst_Fetch::paramsAreChecked_data()
{
    QTest::addColumn<QJsonObject>("params");
    QTest::addColumn<QString>("why");
    const auto urls = [](const QJsonArray &given) { return QJsonObject{ { u"urls"_s, given } }; };
    const auto with = [](const QString &name, const QJsonValue &value) {
        return QJsonObject{ { u"urls"_s, QJsonArray{ u"http://a.test/"_s } }, { name, value } };
    };
    QJsonArray many;
    for (int i = 0; i <= 1'000; ++i)
        many.append(u"http://a.test/"_s);
    QTest::newRow("none") << QJsonObject() << u"\"urls\""_s;
    QTest::newRow("empty") << urls({}) << u"1 to 1000"_s;
    QTest::newRow("too many") << urls(many) << u"1 to 1000"_s;
    QTest::newRow("no array") << QJsonObject{ { u"urls"_s, u"http://a.test/"_s } } << u"\"urls\""_s;
    QTest::newRow("a number") << urls({ u"http://a.test/"_s, 1 }) << u"[1]"_s;
    QTest::newRow("a file") << urls({ u"file:///etc/passwd"_s }) << u"http:// or https://"_s;
    QTest::newRow("a password") << urls({ u"http://a:b@c.test/"_s }) << u"password"_s;
    QTest::newRow("relative") << urls({ u"/a"_s }) << u"[0]"_s;
    QTest::newRow("concurrency 0") << with(u"concurrency"_s, 0) << u"between 1 and 32"_s;
    QTest::newRow("concurrency 33") << with(u"concurrency"_s, 33) << u"between 1 and 32"_s;
    QTest::newRow("max_bytes 0") << with(u"max_bytes"_s, 0) << u"\"max_bytes\""_s;
    QTest::newRow("max_bytes beyond the configuration") << with(u"max_bytes"_s, 1'000'001) << u"1000000"_s;
    QTest::newRow("max_bytes a text") << with(u"max_bytes"_s, u"1"_s) << u"\"max_bytes\""_s;
}

void tst_Fetch::paramsAreChecked()
{
    QFETCH(QJsonObject, params);
    QFETCH(QString, why);
    TestFetch test;
    try {
        test.tasks.submit(u"fetch"_s, 0, params);
        QFAIL("accepted");
    } catch (const Error &error) {
        QCOMPARE(error.code(), Error::Code::FailedValidation);
        QVERIFY2(error.message().contains(why), error.what());
    }
}

QTEST_GUILESS_MAIN(tst_Fetch)
#include "tst_fetch.moc"
