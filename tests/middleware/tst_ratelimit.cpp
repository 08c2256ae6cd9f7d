// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/ratelimit.h"
#include "tests/support/testanswerer.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::http;
using namespace godwit::middleware;
using godwit::test::TestAnswerer;
using protocol::Principal;

namespace {

Router makeRouter()
{
    Router router;
    const auto ok = [](Exchange &exchange) { exchange.answer(Response::text("ok")); };
    router.get("/", ok);
    router.get("/docs", ok);
    router.get("/openapi.json", ok);
    router.get("/asyncapi.json", ok);
    router.get("/health", ok);
    router.get("/health/ready", ok);
    router.get("/metrics", ok);
    router.get("/healthy", ok);
    router.get("/files/{name}", ok);
    router.get("/api/search", ok);
    router.get("/api/tasks", ok);
    router.post("/api/auth/login", ok);
    router.webSocket("/ws/chat", [](Exchange &exchange) { exchange.acceptUpgrade(nullptr); });
    return router;
}

std::shared_ptr<const Principal> user(qint64 id, const QString &name = u"anna"_s)
{
    return std::make_shared<const Principal>(Principal{ .userId = id, .name = name });
}

/// A server whose clock is moved by hand.
class Server
{
public:
    explicit Server(const RateLimits &limits = {})
    {
        std::vector<std::unique_ptr<Middleware>> layers;
        layers.push_back(std::make_unique<RateLimit>(limits));
        m_pipeline = std::make_unique<Pipeline>(m_router, std::move(layers));
    }

    struct Caller
    {
        QString address = u"192.0.2.1"_s;
        std::shared_ptr<const Principal> principal{};
    };
    Status ask(const Caller &caller, const QByteArray &what = "GET /api/tasks")
    {
        m_answers.caller = caller.principal;
        Exchange &exchange = m_answers.make(Request::fromBytes(QByteArray(what + " HTTP/1.1\r\nHost: x\r\n\r\n")));
        exchange.request.setClientAddress(QHostAddress(caller.address));
        exchange.startedAt = now;
        m_pipeline->handle(exchange);
        return m_answers.last().status();
    }
    /// How many of so many are not refused.
    int allowed(int count, const Caller &caller, const QByteArray &what = "GET /api/tasks")
    {
        int result = 0;
        for (int i = 0; i < count; ++i)
            result += ask(caller, what) != Status::TooManyRequests;
        return result;
    }
    QByteArray field(QByteArrayView name) const { return m_answers.last().header(name).toByteArray(); }
    QJsonObject json() const { return m_answers.lastJson(); }

    TimePoint now{ 1h };

private:
    const Router m_router = makeRouter();
    std::unique_ptr<Pipeline> m_pipeline;
    TestAnswerer m_answers;
};

} // namespace

class tst_RateLimit : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void contract_data();
    void contract();
    void ratesAreSettings();
    void whoSharesALimit_data();
    void whoSharesALimit();
    void notLimited_data();
    void notLimited();
    void limited_data();
    void limited();
    void headersSayWhatIsLeft();
};

/// The line "Rate" of the contract.
void tst_RateLimit::contract_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<bool>("isUser");
    QTest::addColumn<int>("burst");
    QTest::addColumn<std::chrono::nanoseconds>("interval");
    QTest::addColumn<QByteArray>("policy");
    using Nano = std::chrono::nanoseconds;
    QTest::newRow("anonymous 10/s") << "GET /api/tasks"_ba << false << 20 << Nano(100ms) << "\"anonymous\";q=20;w=2"_ba;
    QTest::newRow("login 5/min") << "POST /api/auth/login"_ba << false << 5 << Nano(12s) << "\"login\";q=5;w=60"_ba;
    QTest::newRow("search 2/s") << "GET /api/search"_ba << false << 4 << Nano(500ms) << "\"search\";q=4;w=2"_ba;
    QTest::newRow("user 200/s") << "GET /api/tasks"_ba << true << 400 << Nano(5ms) << "\"user\";q=400;w=2"_ba;
    QTest::newRow("user's search 50/s") << "GET /api/search"_ba << true << 100 << Nano(20ms)
                                        << "\"user-search\";q=100;w=2"_ba;
    QTest::newRow("user's login 5/min") << "POST /api/auth/login"_ba << true << 5 << Nano(12s)
                                        << "\"login\";q=5;w=60"_ba;
}

void tst_RateLimit::contract()
{
    QFETCH(const QByteArray, request);
    QFETCH(const bool, isUser);
    QFETCH(const int, burst);
    QFETCH(const std::chrono::nanoseconds, interval);
    QFETCH(const QByteArray, policy);
    Server server;
    const Server::Caller caller{ .principal = isUser ? user(7) : nullptr };
    for (int i = 0; i < burst; ++i) {
        QCOMPARE(server.ask(caller, request), Status::Ok);
        QCOMPARE(server.field("RateLimit-Policy"), policy);
        QVERIFY(server.field("RateLimit").contains(QByteArray(";r=" + QByteArray::number(burst - 1 - i) + ";")));
    }
    QCOMPARE(server.ask(caller, request), Status::TooManyRequests);
    QCOMPARE(server.field("RateLimit-Policy"), policy);
    QVERIFY(server.field("RateLimit").contains(";r=0;"));
    const double seconds
        = std::chrono::duration<double>(std::chrono::ceil<std::chrono::milliseconds>(interval)).count();
    QCOMPARE(server.field("Retry-After"), QByteArray::number(qint64(std::ceil(seconds))));
    const QJsonObject decider = server.json()[u"decider"_s].toObject();
    QCOMPARE(decider[u"kind"_s], u"rate_limit"_s);
    QVERIFY(policy.startsWith(QByteArray("\"" + decider[u"name"_s].toString().toLatin1() + "\"")));
    QCOMPARE(decider[u"limit"_s], burst);
    QCOMPARE(decider[u"used"_s], burst);
    QCOMPARE(decider[u"retry_after"_s], seconds);

    server.now += interval - 1us;
    QCOMPARE(server.ask(caller, request), Status::TooManyRequests);
    server.now += 1us;
    QCOMPARE(server.allowed(5, caller, request), 1);
    for (int i = 0; i < 100; ++i) { // and so on: the rate
        server.now += interval;
        QCOMPARE(server.allowed(2, caller, request), 1);
    }
    server.now += interval * burst * 10;
    QCOMPARE(server.allowed(burst + 5, caller, request), burst);
}

void tst_RateLimit::ratesAreSettings()
{
    Server server({ .anonymous = 1, .search = 3, .login = 7, .user = 2, .userSearch = 5 });
    const Server::Caller nobody, anna{ .principal = user(1) };
    QCOMPARE(server.allowed(100, nobody), 2);
    QCOMPARE(server.allowed(100, nobody, "GET /api/search"), 6);
    QCOMPARE(server.allowed(100, nobody, "POST /api/auth/login"), 7);
    QCOMPARE(server.allowed(100, anna), 4);
    QCOMPARE(server.allowed(100, anna, "GET /api/search"), 10);
}

void tst_RateLimit::whoSharesALimit_data()
{
    QTest::addColumn<Server::Caller>("one");
    QTest::addColumn<Server::Caller>("other");
    QTest::addColumn<bool>("share");
    const auto at = [](const QString &address) { return Server::Caller{ .address = address }; };
    const auto as = [](qint64 id, const QString &name, const QString &address = u"192.0.2.1"_s) {
        return Server::Caller{ .address = address, .principal = user(id, name) };
    };
    QTest::newRow("one address") << at(u"192.0.2.1"_s) << at(u"192.0.2.1"_s) << true;
    QTest::newRow("two addresses") << at(u"192.0.2.1"_s) << at(u"192.0.2.2"_s) << false;
    QTest::newRow("IPv4 as IPv6") << at(u"192.0.2.1"_s) << at(u"::ffff:192.0.2.1"_s) << true;
    QTest::newRow("one /64") << at(u"2001:db8:1:2::1"_s) << at(u"2001:db8:1:2:ffff::9"_s) << true;
    QTest::newRow("two /64") << at(u"2001:db8:1:2::1"_s) << at(u"2001:db8:1:3::1"_s) << false;
    QTest::newRow("Unix sockets") << at({}) << at({}) << true;
    QTest::newRow("one user, two addresses") << as(1, u"anna"_s) << as(1, u"anna"_s, u"192.0.2.9"_s) << true;
    QTest::newRow("two users, one address") << as(1, u"anna"_s) << as(2, u"bert"_s) << false;
    QTest::newRow("a user who was renamed") << as(1, u"anna"_s) << as(1, u"hanna"_s) << true;
    QTest::newRow("two names without an id") << as(0, u"local"_s) << as(0, u"anna"_s) << false;
    QTest::newRow("one name without an id") << as(0, u"local"_s) << as(0, u"local"_s, u"192.0.2.9"_s) << true;
    QTest::newRow("nobody and the anonymous") << at(u"192.0.2.1"_s) << as(0, u"anonymous"_s) << true;
    QTest::newRow("the anonymous of two addresses")
        << as(0, u"anonymous"_s) << as(0, u"anonymous"_s, u"192.0.2.9"_s) << false;
    QTest::newRow("a user of that name") << as(3, u"anonymous"_s) << at(u"192.0.2.1"_s) << false;
}

void tst_RateLimit::whoSharesALimit()
{
    QFETCH(const Server::Caller, one);
    QFETCH(const Server::Caller, other);
    QFETCH(const bool, share);
    Server server;
    server.allowed(1'000, one);
    QCOMPARE(server.ask(one), Status::TooManyRequests);
    QCOMPARE(server.ask(other) == Status::TooManyRequests, share);
}

void tst_RateLimit::notLimited_data()
{
    QTest::addColumn<QByteArray>("request");
    for (const char *request : { "GET /", "GET /docs", "GET /openapi.json", "GET /asyncapi.json", "GET /health",
                                 "GET /health/ready", "GET /metrics", "OPTIONS /api/tasks", "OPTIONS *" })
        QTest::newRow(request) << QByteArray(request);
}

void tst_RateLimit::notLimited()
{
    QFETCH(const QByteArray, request);
    Server server;
    QCOMPARE(server.allowed(1'000, {}, request), 1'000);
    QVERIFY(server.field("RateLimit").isNull());
    QCOMPARE(server.allowed(1'000, {}), 20);
    QCOMPARE(server.allowed(10, {}, request), 10);
}

/// What is not in the list above is, whatever it looks like.
void tst_RateLimit::limited_data()
{
    QTest::addColumn<QByteArray>("request");
    for (const char *request : { "GET /nowhere", "GET /healthy", "GET /files/a", "GET /api/none", "DELETE /api/tasks",
                                 "GET //docs", "GET /ws/chat", "GET /api/auth/login" })
        QTest::newRow(request) << QByteArray(request);
}

void tst_RateLimit::limited()
{
    QFETCH(const QByteArray, request);
    Server server;
    QCOMPARE(server.allowed(1'000, {}, request), 20);
}

void tst_RateLimit::headersSayWhatIsLeft()
{
    Server server;
    server.ask({});
    QCOMPARE(server.field("RateLimit"), "\"anonymous\";r=19;t=1"_ba);
    server.allowed(15, {});
    QCOMPARE(server.field("RateLimit"), "\"anonymous\";r=4;t=2"_ba);
    server.now += 1s;
    server.ask({}, "GET /nowhere"); // also with a 404
    QCOMPARE(server.field("RateLimit"), "\"anonymous\";r=13;t=1"_ba);
}

QTEST_GUILESS_MAIN(tst_RateLimit)
#include "tst_ratelimit.moc"
