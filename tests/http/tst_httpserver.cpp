// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/bind.h"
#include "server/http/channelregistry.h"
#include "server/http/eventstream.h"
#include "shared/async/sleep.h"
#include "shared/protocol/sse.h"
#include "tests/websocket/rawclient.h"
#include "tests/websocket/testserver.h"

#include <QElapsedTimer>
#include <QRegularExpression>
#include <QSemaphore>
#include <QTest>

using namespace godwit;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// Says one thing, and then nothing until it is drained.
http::Response events()
{
    auto stream = std::make_shared<http::EventStream>();
    stream->push(protocol::encodeSse({ .event = {}, .data = "first", .id = "1", .retry = {} }));
    return http::Response::events(stream);
}

QCoro::Task<http::Response> waitLong(async::Context context)
{
    co_await async::sleepFor(context, 1h);
    co_return http::Response::text("never");
}

/// Has something to say as often as it is lit. Of one reactor.
class Beacon final : public http::Body
{
public:
    Beacon() { all.push_back(this); }
    ~Beacon() override { std::erase(all, this); }
    void light() { wake(); }
    State read(QByteArray &out, qsizetype) override
    {
        out += "lit\n";
        ++seen;
        return State::Wait;
    }
    bool isEndless() const override { return true; }

    static inline std::vector<Beacon *> all;
    static inline int seen = 0;
};

http::Response beacon()
{
    return http::Response::stream("text/plain", std::make_shared<Beacon>());
}

http::Router makeRouter()
{
    http::Router router;
    router.get("/hello", http::bind(+[]() { return http::Response::text("Hello"); }));
    router.get("/events", http::bind(events));
    router.get("/beacon", http::bind(beacon));
    router.get("/long", http::bind(waitLong)).within(1ms).timingOutWith(http::Status::RequestTimeout);
    router.get("/long/other", http::bind(waitLong)).within(1ms);
    return router;
}

} // namespace

/// The border to QAbstractHttpServer.
class tst_HttpServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsQtEachRequestOnce();
    void closesAfterSoManyRequests();
    void sendsEventStreamsAwayOnDrain();
    void fansOutInSlices();
    void deadlineIsAnswered_data();
    void deadlineIsAnswered();
};

void tst_HttpServer::showsQtEachRequestOnce()
{
    // A transaction that is not as QAbstractHttpServer left it, a request that it takes for two: Qt would warn of them.
    QTest::failOnWarning(QRegularExpression(u".*"_s));
    test::TestServer server(makeRouter());
    test::RawClient client(server.port());
    for (int i = 0; i < 100; ++i) {
        client.request("/hello", {});
        QVERIFY(client.readAnswer().startsWith("HTTP/1.1 200 "));
        QCOMPARE(client.answerBody(), "Hello"_ba);
    }
    client.sendBytes("GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\n\r\n"
                     "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    QVERIFY(client.readAnswer().startsWith("HTTP/1.1 200 "));
    QVERIFY(client.readAnswer().startsWith("HTTP/1.1 404 "));
    QVERIFY(client.readAnswer().startsWith("HTTP/1.1 200 "));
    QVERIFY(client.waitForEnd());
}

void tst_HttpServer::closesAfterSoManyRequests()
{
    http::ListenOptions options;
    options.limits.requestsPerConnection = 3;
    test::TestServer server(makeRouter(), 1, options);
    test::RawClient client(server.port());
    for (int i = 1; i <= 3; ++i) {
        client.request("/hello", {});
        const QByteArray head = client.readAnswer().toLower();
        QVERIFY(head.startsWith("http/1.1 200 "));
        QCOMPARE(head.contains("\r\nconnection: close\r\n"), i == 3);
    }
    QVERIFY(client.waitForEnd());
}

void tst_HttpServer::sendsEventStreamsAwayOnDrain()
{
    test::TestServer server(makeRouter());
    test::RawClient client(server.port());
    client.request("/events", {});
    QByteArray received;
    const auto receives = [&](const QByteArray &text) {
        QElapsedTimer timer;
        timer.start();
        while (!received.contains(text) && timer.elapsed() < 5'000 && client.socket().waitForReadyRead(1'000))
            received += client.socket().readAll();
        return received.contains(text);
    };
    QVERIFY(receives("data: first\n\n"));
    received.clear();
    server.beginDrain();
    QVERIFY(receives("retry: "));
    QVERIFY(receives("\r\n0\r\n\r\n")); // the last chunk: nothing was cut
    QVERIFY(!received.contains("event: end"));
    QVERIFY(client.waitForEnd());
}

void tst_HttpServer::fansOutInSlices()
{
    constexpr int count = 100;
    std::vector<int> seen; // at each turn of the loop
    QSemaphore hasSeenAll;
    std::function<void()> look = [&] {
        seen.push_back(Beacon::seen);
        if (seen.back() < count)
            runtime::Reactor::current()->post(look);
        else
            hasSeenAll.release();
    };
    test::TestServer server(makeRouter());
    std::vector<std::unique_ptr<test::RawClient>> clients;
    for (int i = 0; i < count; ++i) {
        clients.push_back(std::make_unique<test::RawClient>(server.port()));
        clients.back()->request("/beacon", {});
        QVERIFY(clients.back()->readAnswer().startsWith("HTTP/1.1 200 "));
    }
    server.onReactor([&] {
        Beacon::seen = 0;
        for (Beacon *const beacon : Beacon::all)
            beacon->light();
        look();
    });
    QVERIFY(hasSeenAll.tryAcquire(1, 5'000));
    QCOMPARE(seen.back(), count);
    for (size_t i = 1; i < seen.size(); ++i)
        QVERIFY(seen[i] - seen[i - 1] <= int(http::ChannelRegistry::SliceLength));
}

void tst_HttpServer::deadlineIsAnswered_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("status");
    QTest::newRow("as the route says") << "/long"_ba << "408"_ba;
    QTest::newRow("otherwise") << "/long/other"_ba << "504"_ba;
}

void tst_HttpServer::deadlineIsAnswered()
{
    QFETCH(const QByteArray, target);
    QFETCH(const QByteArray, status);
    test::TestServer server(makeRouter());
    test::RawClient client(server.port());
    client.request(target, {});
    const QByteArray head = client.readAnswer();
    QCOMPARE(head.mid(9, 3), status);
    QVERIFY(head.contains("application/problem+json"));
    QVERIFY(client.answerBody().contains(R"("kind":"deadline")"));
    client.request("/hello", {}); // the connection is as good as before
    QVERIFY(client.readAnswer().startsWith("HTTP/1.1 200 "));
}

QTEST_GUILESS_MAIN(tst_HttpServer)
#include "tst_httpserver.moc"
