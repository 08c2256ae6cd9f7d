// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/retryafter.h"
#include "shared/async/sleep.h"
#include "tests/outbound/clienttest.h"

#include <QCryptographicHash>
#include <QElapsedTimer>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::outbound;
using test::FakeReply;
using test::FakeRequest;
using test::FakeServer;

/// What goes over the wire, and what is kept of it.
class tst_OutboundClient : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void getsABody();
    void sendsABody();
    void headHasNoBody();
    void anyStatusIsAnAnswer_data();
    void anyStatusIsAnAnswer();
    void onlyADigestIsKept();
    void tooMuchIsRefused_data();
    void tooMuchIsRefused();
    void aBombIsRefused();
    void codedBodiesAreDecoded();
    void brokenAnswersAreErrors_data();
    void brokenAnswersAreErrors();
    void connectionsAreReused();
    void idleConnectionsAreClosed();
    void aHostHasItsPlaces();
    void cookiesAreNotKept();
    void theTraceGoesOn();
    void theTotalTimeIsLimited();
    void theTimeToConnectIsLimited();
    void theTimeToLookUpIsLimited();
    void aTokenAborts();
    void aDeadlineHolds();
    void theEndAborts();
    void workRunsOnAThreadOfTheClient();
    void hostsAreBounded();
    void retryAfterIsRead_data();
    void retryAfterIsRead();
};

static QUrl at(const FakeServer &server, const QString &path)
{
    QUrl url = server.url();
    url.setPath(path);
    return url;
}

void tst_OutboundClient::getsABody()
{
    FakeServer server;
    server.on("GET /a", [](const FakeRequest &, const FakeReply &reply) {
        reply.answer(200, "hello", "text/plain", "X-More: yes\r\n");
    });
    TestClient test;
    test.options.userAgent = "godwit-test"_ba;
    const Outcome outcome = test.get(QUrl(at(server, u"/a"_s).toString() + u"?b=c%20d#e"_s));
    QCOMPARE(outcome.status(), 200);
    QCOMPARE(outcome.response->body, "hello"_ba);
    QCOMPARE(outcome.response->bytes, 5);
    QCOMPARE(outcome.response->header("content-type"), "text/plain"_ba);
    QCOMPARE(outcome.response->header("X-MORE"), "yes"_ba);
    QCOMPARE(outcome.response->attempts, 1);
    const FakeRequest &request = server.requests().first();
    QCOMPARE(request.query.toString(QUrl::FullyEncoded), u"b=c%20d"_s);
    QCOMPARE(request.headers.value("host"), "127.0.0.1:"_ba + QByteArray::number(server.url().port()));
    QCOMPARE(request.headers.value("user-agent"), "godwit-test"_ba);
    const auto figures = test.client().figures();
    QCOMPARE(figures.requests, 1);
    QCOMPARE(figures.attempts, 1);
    QCOMPARE(figures.receivedBytes, 5);
    QCOMPARE(figures.hosts, 1);
}

void tst_OutboundClient::sendsABody()
{
    FakeServer server;
    server.on("POST /a", [](const FakeRequest &request, const FakeReply &reply) { reply.answer(201, request.body); });
    server.on("PATCH /a", [](const FakeRequest &request, const FakeReply &reply) { reply.answer(200, request.body); });
    TestClient test;
    for (const bool isIdempotent : { false, true }) {
        for (const QByteArray &method : { "POST"_ba, "PATCH"_ba }) {
            const Outcome outcome = test.send({ .method = method,
                                                .url = at(server, u"/a"_s),
                                                .headers = { { "Content-Type", "text/x-test" } },
                                                .body = QByteArray(300'000, 'x'),
                                                .isIdempotent = isIdempotent });
            QCOMPARE(outcome.status(), method == "POST" ? 201 : 200);
            QCOMPARE(outcome.response->body, QByteArray(300'000, 'x'));
            QCOMPARE(server.requests().last().headers.value("content-type"), "text/x-test"_ba);
        }
    }
    const Outcome empty = test.send({ .method = "POST"_ba, .url = at(server, u"/a"_s) });
    QCOMPARE(empty.status(), 201);
    QCOMPARE(server.requests().last().headers.value("content-length"), "0"_ba);
}

void tst_OutboundClient::headHasNoBody()
{
    FakeServer server;
    server.on("HEAD /a", [](const FakeRequest &, const FakeReply &reply) {
        reply.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"_ba);
    });
    TestClient test;
    const Outcome outcome = test.send({ .method = "HEAD"_ba, .url = at(server, u"/a"_s) });
    QCOMPARE(outcome.status(), 200);
    QCOMPARE(outcome.response->bytes, 0);
}

void tst_OutboundClient::anyStatusIsAnAnswer_data()
{
    QTest::addColumn<int>("status");
    for (const int status : { 200, 204, 300, 304, 400, 401, 402, 403, 404, 405, 407, 409,
                              410, 418, 422, 429, 451, 500, 501, 502, 503, 504, 505, 599 })
        QTest::addRow("%d", status) << status;
}

void tst_OutboundClient::anyStatusIsAnAnswer()
{
    QFETCH(int, status);
    FakeServer server;
    const bool hasBody = status != 204 && status != 304;
    server.on("GET /a", [=](const FakeRequest &, const FakeReply &reply) {
        reply.answer(status, hasBody ? "a body"_ba : QByteArray(), "text/plain"_ba,
                     "WWW-Authenticate: Basic realm=\"a\"\r\nProxy-Authenticate: Basic realm=\"a\"\r\n"_ba);
    });
    TestClient test;
    const Outcome outcome = test.send({ .url = at(server, u"/a"_s), .attempts = 1 });
    QVERIFY2(outcome.response, qPrintable(outcome.message()));
    QCOMPARE(outcome.status(), status);
    QCOMPARE(outcome.response->body, hasBody ? "a body"_ba : ""_ba);
}

void tst_OutboundClient::onlyADigestIsKept()
{
    const QByteArray body(8 * 1024 * 1024 + 17, 'g');
    FakeServer server;
    server.on("GET /a", [&body](const FakeRequest &, const FakeReply &reply) { reply.answer(200, body); });
    TestClient test;
    const Outcome outcome = test.send({ .url = at(server, u"/a"_s), .keep = Request::Keep::Digest });
    QCOMPARE(outcome.status(), 200);
    QVERIFY(outcome.response->body.isEmpty());
    QCOMPARE(outcome.response->bytes, body.size());
    QCOMPARE(outcome.response->sha256, QCryptographicHash::hash(body, QCryptographicHash::Sha256).toHex());
}

void tst_OutboundClient::tooMuchIsRefused_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<QByteArray>("piece");
    const QByteArray piece(64 * 1024, 'x');
    QTest::newRow("says so") << "Content-Length: 100001\r\n\r\n"_ba << QByteArray();
    QTest::newRow("until the end") << "Connection: close\r\n\r\n"_ba << piece;
    QTest::newRow("chunked") << "Transfer-Encoding: chunked\r\n\r\n"_ba << "10000\r\n"_ba + piece + "\r\n"_ba;
}

void tst_OutboundClient::tooMuchIsRefused()
{
    QFETCH(QByteArray, head);
    QFETCH(QByteArray, piece);
    FakeServer server;
    std::optional<FakeReply> open;
    server.on("GET /a", [&](const FakeRequest &, const FakeReply &reply) {
        reply.send("HTTP/1.1 200 OK\r\n"_ba + head + piece + piece);
        open = reply; // and more would come
    });
    TestClient test;
    const Outcome outcome = test.send({ .url = at(server, u"/a"_s), .maxBytes = 100'000 });
    QCOMPARE(outcome.code(), Error::Code::PayloadTooLarge);
    QVERIFY2(outcome.message().contains(u"100000 bytes"_s), qPrintable(outcome.message()));
    QCOMPARE(server.count("/a"), 1); // not tried again
    QTRY_VERIFY(!open->isOpen());
}

void tst_OutboundClient::aBombIsRefused()
{
    const QByteArray bomb = qCompress(QByteArray(64 * 1024 * 1024, '\0'), 9).mid(4); // qCompress puts the size in front
    QVERIFY(bomb.size() < 100'000);
    FakeServer server;
    server.on("GET /a", [&bomb](const FakeRequest &, const FakeReply &reply) {
        reply.answer(200, bomb, "text/plain"_ba, "Content-Encoding: deflate\r\n"_ba);
    });
    TestClient test;
    for (const qint64 most : { 1'000, 1'000'000, 60'000'000 }) {
        const Outcome outcome
            = test.send({ .url = at(server, u"/a"_s), .keep = Request::Keep::Digest, .maxBytes = most });
        const bool isKnown = outcome.code() == Error::Code::PayloadTooLarge
            || (outcome.code() == Error::Code::FailedValidation && outcome.message().contains(u"expands beyond"_s));
        QVERIFY2(isKnown, qPrintable(outcome.message()));
    }
}

void tst_OutboundClient::codedBodiesAreDecoded()
{
    const QByteArray text("a long text, "_ba.repeated(1'000));
    FakeServer server;
    server.on("GET /a", [&text](const FakeRequest &, const FakeReply &reply) {
        reply.answer(200, qCompress(text).mid(4), "text/plain"_ba, "Content-Encoding: deflate\r\n"_ba);
    });
    TestClient test;
    const Outcome outcome = test.get(at(server, u"/a"_s));
    QCOMPARE(outcome.response->body, text);
    QCOMPARE(outcome.response->bytes, text.size());
    QVERIFY(server.requests().first().headers.value("accept-encoding").contains("gzip"));
}

void tst_OutboundClient::brokenAnswersAreErrors_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<bool>("isCut");
    QTest::addColumn<Error::Code>("code");
    QTest::newRow("nothing") << ""_ba << true << Error::Code::Unavailable;
    QTest::newRow("not HTTP") << "SSH-2.0-OpenSSH_9.2\r\n\r\n"_ba << true << Error::Code::Unavailable;
    QTest::newRow("half a head") << "HTTP/1.1 200 OK\r\nContent-"_ba << true << Error::Code::Unavailable;
    QTest::newRow("half a body") << "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"_ba << true
                                 << Error::Code::Unavailable;
    QTest::newRow("half of a 404") << "HTTP/1.1 404 No\r\nContent-Length: 10\r\n\r\nhello"_ba << true
                                   << Error::Code::Unavailable;
    QTest::newRow("half a chunk") << "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhello"_ba << true
                                  << Error::Code::Unavailable;
    QTest::newRow("coded wrongly") << "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\nhello"_ba
                                   << false << Error::Code::FailedValidation;
    QTest::newRow("a 404 that is coded wrongly")
        << "HTTP/1.1 404 No\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\nhello"_ba << false
        << Error::Code::FailedValidation;
}

void tst_OutboundClient::brokenAnswersAreErrors()
{
    QFETCH(QByteArray, answer);
    QFETCH(bool, isCut);
    FakeServer server;
    server.on("GET /a", [=](const FakeRequest &, const FakeReply &reply) {
        reply.send(answer);
        if (isCut)
            reply.finish();
    });
    TestClient test;
    test.options.timeout = 5s;
    const Outcome outcome = test.send({ .url = at(server, u"/a"_s), .attempts = 1 });
    QVERIFY2(outcome.error, "an answer");
    QTEST(outcome.code(), "code");
    QCOMPARE(test.client().figures().failed, 1);
}

void tst_OutboundClient::connectionsAreReused()
{
    FakeServer server;
    server.on("GET /a", [](const FakeRequest &, const FakeReply &reply) { reply.answer(200, "a"); });
    TestClient test;
    for (int i = 0; i < 10; ++i)
        QCOMPARE(test.get(at(server, u"/a"_s)).status(), 200);
    QCOMPARE(server.accepted(), 2); // one a thread
    // Another name of the same address shares none with it.
    test.setAddresses(u"other.test"_s, { QHostAddress(u"127.0.0.1"_s) });
    QUrl other = at(server, u"/a"_s);
    other.setHost(u"other.test"_s);
    QCOMPARE(test.get(other).status(), 200);
    QCOMPARE(server.accepted(), 3);
}

void tst_OutboundClient::idleConnectionsAreClosed()
{
    FakeServer server;
    server.on("GET /a", [](const FakeRequest &, const FakeReply &reply) { reply.answer(200, "a"); });
    TestClient test;
    test.options.idleTimeout = 1s;
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(test.get(at(server, u"/a"_s)).status(), 200);
    QCOMPARE(server.open(), 1);
    QTRY_COMPARE_WITH_TIMEOUT(server.open(), 0, 10'000);
    QVERIFY2(timer.elapsed() >= 900, qPrintable(QString::number(timer.elapsed())));
}

void tst_OutboundClient::aHostHasItsPlaces()
{
    FakeServer server;
    QList<FakeReply> held;
    server.on("GET /a", [&held](const FakeRequest &, const FakeReply &reply) { held.append(reply); });
    TestClient test;
    test.options.connectionsPerHost = 5; // three on the one thread, two on the other
    test.options.queue = 2;
    QList<QFuture<Response>> futures;
    for (int i = 0; i < 12; ++i)
        futures.append(test.begin({ .url = at(server, u"/a"_s), .attempts = 1 }));
    // Of the six for the first thread three run, two wait and one is refused; of the other's, two, two and two.
    QTRY_COMPARE(held.size(), 5);
    const auto refused = [&futures] {
        return std::count_if(futures.begin(), futures.end(), [](const auto &future) { return future.isFinished(); });
    };
    QTRY_COMPARE(refused(), 3);
    int answered = 0;
    while (answered < 9) {
        QTRY_VERIFY(!held.isEmpty());
        QVERIFY(held.size() <= 5);
        held.takeFirst().answer(200, "a");
        ++answered;
    }
    int unavailable = 0;
    for (auto &future : futures) {
        const Outcome outcome = finish(future);
        if (outcome.response)
            continue;
        ++unavailable;
        QCOMPARE(outcome.code(), Error::Code::Unavailable);
        QCOMPARE(outcome.error->decider()->kind, Decider::Kind::Bulkhead);
    }
    QCOMPARE(unavailable, 3);
    QCOMPARE(server.accepted(), 5);
}

void tst_OutboundClient::cookiesAreNotKept()
{
    FakeServer server;
    server.on("GET /a", [](const FakeRequest &, const FakeReply &reply) {
        reply.answer(200, "a", "text/plain"_ba, "Set-Cookie: a=b; Path=/\r\nCache-Control: max-age=3600\r\n"_ba);
    });
    TestClient test;
    for (int i = 0; i < 4; ++i)
        QCOMPARE(test.get(at(server, u"/a"_s)).status(), 200);
    QCOMPARE(server.count("/a"), 4);
    QVERIFY(!server.requests().last().headers.contains("cookie"));
}

void tst_OutboundClient::theTraceGoesOn()
{
    FakeServer server;
    server.on("GET /a", [](const FakeRequest &, const FakeReply &reply) { reply.answer(200, "a"); });
    TestClient test;
    QCOMPARE(test.get(at(server, u"/a"_s)).status(), 200);
    QVERIFY(!server.requests().last().headers.contains("traceparent"));
    const auto trace = std::make_shared<async::Trace>(async::TraceParent::random());
    QCOMPARE(finish(test.begin({ .url = at(server, u"/a"_s) }, { .trace = { .trace = trace } })).status(), 200);
    const auto spans = trace->spans();
    const auto outbound
        = std::find_if(spans.begin(), spans.end(), [](const auto &span) { return span.name == "outbound"_ba; });
    QVERIFY(outbound != spans.end());
    QCOMPARE(server.requests().last().headers.value("traceparent"), trace->traceparentOf(outbound->id));
}

void tst_OutboundClient::theTotalTimeIsLimited()
{
    FakeServer server;
    std::optional<FakeReply> open;
    server.on("GET /silent", [&](const FakeRequest &, const FakeReply &reply) { open = reply; });
    server.on("GET /drips", [&](const FakeRequest &, const FakeReply &reply) {
        open = reply;
        reply.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"_ba);
        auto *const drip = new QTimer(&server); // never silent for long, which transferTimeout would let pass
        connect(drip, &QTimer::timeout, &server, [reply] { reply.send("x"_ba); });
        drip->start(10ms);
    });
    TestClient test;
    test.options.timeout = 200ms;
    for (const auto &path : { u"/silent"_s, u"/drips"_s }) {
        const Outcome outcome = test.get(at(server, path));
        QCOMPARE(outcome.code(), Error::Code::DeadlineExceeded);
        QCOMPARE(outcome.error->decider()->kind, Decider::Kind::Deadline);
        QCOMPARE(outcome.error->decider()->name, u"127.0.0.1:%1"_s.arg(server.url().port()));
        QCOMPARE(outcome.error->decider()->limit, 0.2);
        QTRY_VERIFY(!open->isOpen());
        QCOMPARE(server.count(path.toUtf8()), 1);
    }
}

void tst_OutboundClient::theTimeToConnectIsLimited()
{
    // A listener that never accepts: once its queue is full, the system drops what comes.
    QTcpServer full;
    full.setListenBacklogSize(1);
    QVERIFY(full.listen(QHostAddress::LocalHost));
    full.pauseAccepting();
    std::vector<std::unique_ptr<QTcpSocket>> waiting;
    for (int i = 0; i < 8; ++i) {
        waiting.push_back(std::make_unique<QTcpSocket>());
        waiting.back()->connectToHost(QHostAddress(QHostAddress::LocalHost), full.serverPort());
    }
    QTRY_VERIFY(waiting.front()->state() == QAbstractSocket::ConnectedState);
    if (QTest::qWaitFor([&] { return waiting.back()->state() == QAbstractSocket::ConnectedState; }, 200))
        QSKIP("this system queues more connections than it was told to");
    TestClient test;
    test.options.connectTimeout = 100ms;
    const Outcome outcome = test.send({ .url = QUrl(u"http://127.0.0.1:%1/"_s.arg(full.serverPort())), .attempts = 1 });
    QCOMPARE(outcome.code(), Error::Code::Unavailable);
    QVERIFY2(outcome.message().contains(u"within 0.1 s"_s), qPrintable(outcome.message()));
}

static QCoro::Task<QList<QHostAddress>> sleepInstead(async::Context context)
{
    async::OneShot<void> wait = async::sleepFor(context, 1h);
    co_await std::move(wait);
    co_return QList<QHostAddress>();
}

void tst_OutboundClient::theTimeToLookUpIsLimited()
{
    TestClient test;
    test.options.connectTimeout = 50ms;
    test.surroundings.lookUp = [](async::Context context, QString) { return sleepInstead(std::move(context)); };
    const Outcome outcome = test.send({ .url = QUrl(u"http://slow.test/"_s), .attempts = 1 });
    QCOMPARE(outcome.code(), Error::Code::Unavailable);
    QVERIFY2(outcome.message().contains(u"slow.test"_s), qPrintable(outcome.message()));
}

void tst_OutboundClient::aTokenAborts()
{
    FakeServer server;
    std::optional<FakeReply> open;
    server.on("GET /a", [&open](const FakeRequest &, const FakeReply &reply) { open = reply; });
    TestClient test;
    std::stop_source stop;
    auto future = test.begin({ .url = at(server, u"/a"_s) }, { .stop = stop.get_token() });
    QTRY_VERIFY(open);
    QVERIFY(open->isOpen());
    stop.request_stop();
    QCOMPARE(finish(future).code(), Error::Code::Cancelled);
    QTRY_VERIFY(!open->isOpen());
    QCOMPARE(finish(test.begin({ .url = at(server, u"/a"_s) }, { .stop = stop.get_token() })).code(),
             Error::Code::Cancelled);
    QCOMPARE(server.count("/a"), 1);
    QCOMPARE(test.client().figures().failed, 0);
}

void tst_OutboundClient::aDeadlineHolds()
{
    FakeServer server;
    server.on("GET /a", [](const FakeRequest &, const FakeReply &) { });
    TestClient test;
    const Outcome outcome = test.send({ .url = at(server, u"/a"_s) }, { .deadline = async::Deadline::in(100ms) });
    QCOMPARE(outcome.code(), Error::Code::DeadlineExceeded);
    // The caller's impatience is not the host's fault.
    QCOMPARE(test.client().hosts().all().front()->breaker.figures(Clock::system().now()).failures, 0);
}

void tst_OutboundClient::theEndAborts()
{
    FakeServer server;
    server.on("GET /a", [](const FakeRequest &, const FakeReply &) { });
    QList<QFuture<Response>> futures;
    {
        TestClient test;
        test.options.connectionsPerHost = 2; // so that some wait
        for (int i = 0; i < 8; ++i)
            futures.append(test.begin({ .url = at(server, u"/a"_s) }));
        QTRY_COMPARE(server.count("/a"), 2);
        futures.append(test.begin({ .url = at(server, u"/a"_s) })); // may not even have begun
    }
    for (const auto &future : futures) {
        QVERIFY(future.isFinished());
        QCOMPARE(finish(future).code(), Error::Code::Cancelled);
    }
}

static QCoro::Task<int> countThree(Client *client, QUrl url)
{
    int sum = 0;
    for (int i = 0; i < 3; ++i) {
        async::OneShot<Response> wait = client->send({}, { .url = url });
        const Response response = co_await std::move(wait);
        sum += response.status;
    }
    co_return sum;
}

void tst_OutboundClient::workRunsOnAThreadOfTheClient()
{
    FakeServer server;
    server.on("GET /a", [](const FakeRequest &, const FakeReply &reply) { reply.answer(200, "a"); });
    TestClient test;
    Client *const client = &test.client();
    const QUrl url = at(server, u"/a"_s);
    QFuture<int> sum = client->run([client, url] { return countThree(client, url); }).future();
    QTRY_VERIFY(sum.isFinished());
    QCOMPARE(sum.result(), 600);
    QFuture<int> failing = client->run([client] { return countThree(client, QUrl(u"ftp://a"_s)); }).future();
    QTRY_VERIFY(failing.isFinished());
    QVERIFY_THROWS_EXCEPTION(Error, failing.result());
}

void tst_OutboundClient::hostsAreBounded()
{
    const Options options;
    HostTable hosts(options, 2);
    const auto kept = hosts.of(u"kept:80"_s);
    for (size_t i = 0; i < 2 * HostTable::mostHosts; ++i)
        hosts.of(QString::number(i));
    QCOMPARE(hosts.size(), HostTable::mostHosts);
    QCOMPARE(hosts.find(u"kept:80"_s), kept); // it is in use
    QVERIFY(!hosts.find(u"0"_s));
    QVERIFY(hosts.find(QString::number(2 * HostTable::mostHosts - 1)));
}

void tst_OutboundClient::retryAfterIsRead_data()
{
    QTest::addColumn<std::chrono::milliseconds>("span");
    QTest::newRow("") << 0ms;
    QTest::newRow("0") << 0ms;
    QTest::newRow("5") << 5'000ms;
    QTest::newRow(" 7 ") << 7'000ms;
    QTest::newRow("-5") << 0ms;
    QTest::newRow("99999999999") << std::chrono::milliseconds(24h);
    QTest::newRow("soon") << 0ms;
    QTest::newRow("Thu, 01 Jan 1970 00:01:00 GMT") << 60'000ms;
    QTest::newRow("Wed, 31 Dec 1969 00:00:00 GMT") << 0ms;
    QTest::newRow("Fri, 01 Jan 2100 00:00:00 GMT") << std::chrono::milliseconds(24h);
}

void tst_OutboundClient::retryAfterIsRead()
{
    QTEST(retryAfter(QTest::currentDataTag(), Timestamp{}), "span");
}

QTEST_GUILESS_MAIN(tst_OutboundClient)
#include "tst_client.moc"
