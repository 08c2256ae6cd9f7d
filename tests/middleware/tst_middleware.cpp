// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/problem.h"
#include "server/middleware/hostcheck.h"
#include "server/middleware/origincheck.h"
#include "server/middleware/requestid.h"
#include "server/middleware/requestmetrics.h"
#include "server/middleware/standard.h"
#include "tests/support/testanswerer.h"

#include <QRegularExpression>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::http;
using namespace godwit::middleware;
using godwit::test::TestAnswerer;

namespace {

Request request(QByteArrayView method, QByteArrayView target, std::initializer_list<Header> headers = {})
{
    QByteArray bytes = method.toByteArray() + ' ' + target.toByteArray() + " HTTP/1.1\r\nHost: chat.example:8420\r\n";
    for (const Header &header : headers)
        bytes += header.name + ": " + header.value + "\r\n";
    bytes += "\r\n";
    return Request::fromBytes(bytes);
}

Router makeRouter()
{
    Router router;
    router.get("/hello", [](Exchange &exchange) { exchange.answer(Response::text("Hello, World!")); });
    router.get("/health", [](Exchange &exchange) { exchange.answer(Response::noContent()); });
    router.get("/health/ready", [](Exchange &exchange) { exchange.answer(Response::noContent()); });
    router.get("/items/{id}", [](Exchange &exchange) { exchange.fail(Error(Error::Code::NotFound, u"no item"_s)); });
    router.get("/stranger", [](Exchange &exchange) { exchange.answer(problem(Status::NotFound, u"no exchange"_s)); });
    router.webSocket("/ws", [](Exchange &exchange) { exchange.acceptUpgrade(nullptr); });
    return router;
}

/// One layer alone, or those that are given.
class Server
{
public:
    template<class... Layers>
    explicit Server(std::unique_ptr<Layers>... layers) : m_pipeline(m_router, list(std::move(layers)...))
    {
    }
    explicit Server(std::vector<std::unique_ptr<Middleware>> layers) : m_pipeline(m_router, std::move(layers)) { }

    const Response &ask(Request what)
    {
        m_answers.handle(m_pipeline, std::move(what));
        return m_answers.last();
    }
    const Response &ask(QByteArrayView method, QByteArrayView target, std::initializer_list<Header> headers = {})
    {
        return ask(request(method, target, headers));
    }
    TestAnswerer &answers() { return m_answers; }
    Pipeline &pipeline() { return m_pipeline; }

private:
    template<class... Layers>
    static std::vector<std::unique_ptr<Middleware>> list(std::unique_ptr<Layers>... layers)
    {
        std::vector<std::unique_ptr<Middleware>> all;
        (all.push_back(std::move(layers)), ...);
        return all;
    }

    const Router m_router = makeRouter();
    Pipeline m_pipeline;
    TestAnswerer m_answers;
};

QByteArray field(const QByteArray &line, const QByteArray &name)
{
    for (const QByteArray &part : line.split(' ')) {
        if (part.startsWith(QByteArray(name + '=')))
            return part.sliced(name.size() + 1);
    }
    return {};
}

} // namespace

class tst_Middleware : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void requestIds_data();
    void requestIds();
    void requestIdsDiffer();
    void oneRequestIdAnAnswer();
    void accessLogAsText();
    void accessLogAsJson();
    void accessLogKeepsSecretsOut();
    void metricsByRoute();
    void cors_data();
    void cors();
    void preflight();
    void preflightOfNothing();
    void corsForAll();
    void drainRefusesAndCloses();
    void hosts_data();
    void hosts();
    void foreignPagesMayNotWrite();
    void origins_data();
    void origins();
    void standardOrder();
    void whatIsOffIsLeftOut();
};

void tst_Middleware::requestIds_data()
{
    QTest::addColumn<QByteArray>("given");
    QTest::addColumn<bool>("kept");
    QTest::newRow("plain") << "abc-DEF_1.2"_ba << true;
    QTest::newRow("one character") << "x"_ba << true;
    QTest::newRow("128 characters") << QByteArray(128, 'a') << true;
    QTest::newRow("129 characters") << QByteArray(129, 'a') << false;
    QTest::newRow("empty") << ""_ba << false;
    QTest::newRow("space") << "a b"_ba << false;
    QTest::newRow("quote") << "a\"b"_ba << false;
    QTest::newRow("bracket") << "a[b"_ba << false; // has a letter's lower bits
    QTest::newRow("not ASCII") << "\xC3\xA4"_ba << false;
}

void tst_Middleware::requestIds()
{
    QFETCH(QByteArray, given);
    QFETCH(bool, kept);
    Server server(std::make_unique<RequestId>());
    const QByteArray id
        = server.ask("GET", "/items/1", { { "X-Request-Id", given } }).header("X-Request-Id").toByteArray();
    QCOMPARE(id == given, kept);
    QVERIFY(!id.isEmpty());
    QCOMPARE(server.answers().lastJson()[u"request_id"_s].toString().toLatin1(), id);
}

void tst_Middleware::requestIdsDiffer()
{
    Server server(std::make_unique<RequestId>());
    const QByteArray first = server.ask("GET", "/hello").header("X-Request-Id").toByteArray();
    QVERIFY(server.ask("GET", "/hello").header("X-Request-Id") != first);
    QVERIFY(QRegularExpression(u"^[0-9a-f]{16}$"_s).match(QString::fromLatin1(first)).hasMatch());
}

void tst_Middleware::oneRequestIdAnAnswer()
{
    Server server(std::make_unique<RequestId>());
    const Response &response = server.ask("GET", "/stranger", { { "X-Request-Id", "mine" } });
    QCOMPARE(response.header("X-Request-Id"), QByteArrayView("mine"));
    QCOMPARE(std::count_if(response.headers().begin(), response.headers().end(),
                           [](const Header &header) { return header.name == "X-Request-Id"; }),
             1);
}

void tst_Middleware::accessLogAsText()
{
    QByteArrayList lines;
    Server server(std::make_unique<RequestId>(),
                  std::make_unique<AccessLog>(AccessLog::Format::Text, [&](const QByteArray &line) { lines << line; }));
    Request get = request("GET", "/hello", { { "X-Request-Id", "id-1" } });
    get.setClientAddress(QHostAddress(u"192.0.2.7"_s));
    server.ask(std::move(get));
    server.ask("GET", "/items/5");
    server.ask("PUT", "/nothing");
    Request far = request("GET", "/hello");
    far.setClientAddress(QHostAddress(u"2001:db8::7"_s));
    server.ask(std::move(far));
    QCOMPARE(lines.size(), 4);
    QCOMPARE(field(lines[3], "client"), "2001:db8::7"_ba);
    QCOMPARE(field(lines[0], "id"), "id-1"_ba);
    QCOMPARE(field(lines[0], "client"), "192.0.2.7"_ba);
    QCOMPARE(field(lines[0], "method"), "GET"_ba);
    QCOMPARE(field(lines[0], "path"), "/hello"_ba);
    QCOMPARE(field(lines[0], "route"), "/hello"_ba);
    QCOMPARE(field(lines[0], "status"), "200"_ba);
    QCOMPARE(field(lines[0], "bytes"), "13"_ba);
    QVERIFY(field(lines[0], "ms").toDouble() >= 0);
    QVERIFY(field(lines[0], "time").endsWith('Z'));
    QCOMPARE(field(lines[1], "path"), "/items/5"_ba);
    QCOMPARE(field(lines[1], "route"), "/items/{id}"_ba);
    QCOMPARE(field(lines[1], "status"), "404"_ba);
    QCOMPARE(field(lines[2], "route"), "-"_ba);
}

void tst_Middleware::accessLogAsJson()
{
    QByteArrayList lines;
    Server server(std::make_unique<AccessLog>(AccessLog::Format::Json, [&](const QByteArray &line) { lines << line; }));
    server.ask("GET", "/items/5");
    QVERIFY(!lines.first().contains('\n'));
    const QJsonObject json = QJsonDocument::fromJson(lines.first()).object();
    QCOMPARE(json.keys(),
             QStringList({ u"bytes"_s, u"client"_s, u"id"_s, u"method"_s, u"ms"_s, u"path"_s, u"route"_s, u"status"_s,
                           u"time"_s }));
    QCOMPARE(json[u"route"_s].toString(), u"/items/{id}"_s);
    QCOMPARE(json[u"status"_s].toInt(), 404);
    QVERIFY(json[u"id"_s].isNull());
}

void tst_Middleware::accessLogKeepsSecretsOut()
{
    QByteArrayList lines;
    Server server(std::make_unique<AccessLog>(AccessLog::Format::Text, [&](const QByteArray &line) { lines << line; }));
    server.ask("GET", "/hello?ticket=secret", { { "Authorization", "Bearer secret" } });
    QVERIFY(!lines.first().contains("secret"));
}

void tst_Middleware::metricsByRoute()
{
    metrics::HttpMetrics metrics;
    metrics.setRoutes(RequestMetrics::labelsOf(makeRouter()));
    Server server(std::make_unique<RequestMetrics>(metrics));
    server.ask("GET", "/hello");
    server.ask("HEAD", "/hello");
    server.ask("GET", "/items/1");
    server.ask("GET", "/items/2");
    server.ask("GET", "/nothing");
    server.answers().handle(server.pipeline(),
                            request("GET", "/ws",
                                    { { "Upgrade", "websocket" },
                                      { "Connection", "upgrade" },
                                      { "Sec-WebSocket-Version", "13" },
                                      { "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==" } }));
    const auto snapshot = metrics.snapshot();
    const auto &routes = metrics.routes();
    QCOMPARE(routes.at(0).pattern, "/hello"_ba);
    QCOMPARE(routes.at(0).method, "GET"_ba);
    QCOMPARE(snapshot.at(0).byClass[2], quint64(2));
    QCOMPARE(routes.at(3).pattern, "/items/{id}"_ba);
    QCOMPARE(snapshot.at(3).byClass[4], quint64(2));
    QCOMPARE(snapshot.at(5).byClass[1], quint64(1)); // the upgrade
    QCOMPARE(snapshot.back().byClass[4], quint64(1)); // matched by nothing
    QCOMPARE(metrics::HttpMetrics::total(snapshot).requests(), quint64(6));
}

void tst_Middleware::cors_data()
{
    QTest::addColumn<QByteArray>("origin");
    QTest::addColumn<QByteArray>("allowed");
    QTest::newRow("named") << "https://a.example"_ba << "https://a.example"_ba;
    QTest::newRow("also named") << "http://localhost:3000"_ba << "http://localhost:3000"_ba;
    QTest::newRow("other") << "https://evil.example"_ba << QByteArray();
    QTest::newRow("begins alike") << "https://a.example.evil"_ba << QByteArray();
    QTest::newRow("other port") << "https://a.example:8443"_ba << QByteArray();
    QTest::newRow("null") << "null"_ba << QByteArray();
}

void tst_Middleware::cors()
{
    QFETCH(QByteArray, origin);
    QFETCH(QByteArray, allowed);
    Server server(std::make_unique<Cors>(
        CorsOptions{ .origins = { "https://a.example", "http://localhost:3000" }, .credentials = true }));
    const Response &response = server.ask("GET", "/hello", { { "Origin", origin } });
    QCOMPARE(response.header("Access-Control-Allow-Origin"), QByteArrayView(allowed));
    QCOMPARE(response.header("Access-Control-Allow-Credentials") == "true", !allowed.isEmpty());
    const QByteArrayList exposed = response.header("Access-Control-Expose-Headers").toByteArray().split(',');
    QCOMPARE(exposed.contains(" Upload-Offset") && exposed.contains(" Location"), !allowed.isEmpty());
    QCOMPARE(response.header("Vary"), QByteArrayView("Origin"));
    QVERIFY(response.header("Access-Control-Allow-Methods").isNull());
    QCOMPARE(server.ask("GET", "/hello").header("Vary"), QByteArrayView("Origin")); // without an origin, too
}

void tst_Middleware::preflight()
{
    Server server(std::make_unique<Cors>(CorsOptions{
        .origins = { "https://a.example" }, .methods = { "GET", "POST" }, .headers = { "X-A" }, .maxAge = 60s }));
    const Response &allowed = server.ask(
        "OPTIONS", "/hello", { { "Origin", "https://a.example" }, { "Access-Control-Request-Method", "POST" } });
    QCOMPARE(allowed.status(), Status::NoContent);
    QCOMPARE(allowed.header("Access-Control-Allow-Origin"), QByteArrayView("https://a.example"));
    QCOMPARE(allowed.header("Access-Control-Allow-Methods"), QByteArrayView("GET, POST"));
    QCOMPARE(allowed.header("Access-Control-Allow-Headers"), QByteArrayView("X-A"));
    QCOMPARE(allowed.header("Access-Control-Max-Age"), QByteArrayView("60"));
    const Response &refused = server.ask(
        "OPTIONS", "/hello", { { "Origin", "https://b.example" }, { "Access-Control-Request-Method", "POST" } });
    QVERIFY(refused.header("Access-Control-Allow-Methods").isNull());
    // A question of a page that is no preflight.
    const Response &plain = server.ask("OPTIONS", "/hello", { { "Origin", "https://a.example" } });
    QVERIFY(plain.header("Access-Control-Allow-Methods").isNull());
    QVERIFY(!plain.header("Allow").isNull());
}

void tst_Middleware::preflightOfNothing()
{
    Server server(std::make_unique<Cors>(CorsOptions{ .origins = { "https://a.example" } }));
    const Response &response = server.ask(
        "OPTIONS", "/nothing", { { "Origin", "https://a.example" }, { "Access-Control-Request-Method", "PUT" } });
    QCOMPARE(response.status(), Status::NotFound); // a browser takes only 2xx for a yes
}

void tst_Middleware::corsForAll()
{
    Server server(std::make_unique<Cors>(CorsOptions{ .origins = { "*" }, .credentials = true }));
    const Response &response = server.ask("GET", "/hello", { { "Origin", "https://any.example" } });
    QCOMPARE(response.header("Access-Control-Allow-Origin"), QByteArrayView("*"));
    QVERIFY(response.header("Access-Control-Allow-Credentials").isNull()); // never for all
    QVERIFY(response.header("Vary").isNull());
}

void tst_Middleware::drainRefusesAndCloses()
{
    DrainSwitch drainSwitch;
    Server server(std::make_unique<Drain>(drainSwitch));
    QCOMPARE(server.ask("GET", "/hello").status(), Status::Ok);
    QVERIFY(!server.answers().last().closesConnection());

    Drain layer(drainSwitch);
    Exchange &inFlight = server.answers().make(request("GET", "/hello"));
    layer.before(inFlight);
    drainSwitch.turnOn();
    Response late;
    layer.after(inFlight, late);
    QVERIFY(late.closesConnection());
    const Response &refused = server.ask("GET", "/hello");
    QCOMPARE(refused.status(), Status::ServiceUnavailable);
    QVERIFY(refused.closesConnection());
    const int pause = refused.header("Retry-After").toInt();
    QVERIFY2(pause >= 1 && pause <= 3, qPrintable(QString::number(pause)));
    QCOMPARE(server.answers().lastJson()[u"decider"_s][u"kind"_s].toString(), u"shedding"_s);
    for (const char *const path : { "/health", "/health/ready" }) {
        QCOMPARE(server.ask("GET", path).status(), Status::NoContent);
        QVERIFY(server.answers().last().closesConnection());
    }
    QCOMPARE(server.ask("GET", "/healthy").status(), Status::ServiceUnavailable);
}

void tst_Middleware::hosts_data()
{
    QTest::addColumn<QByteArray>("host"); // null: none
    QTest::addColumn<bool>("allowed");
    QTest::newRow("IPv4") << "127.0.0.1:8420"_ba << true;
    QTest::newRow("IPv4 without a port") << "192.168.1.7"_ba << true;
    QTest::newRow("IPv6") << "[::1]:8420"_ba << true;
    QTest::newRow("localhost") << "LocalHost:8420"_ba << true;
    QTest::newRow("under localhost") << "Godwit.localhost"_ba << true;
    QTest::newRow("no dot") << "workshop:8420"_ba << true;
    QTest::newRow("named") << "Chat.Example:8420"_ba << true;
    QTest::newRow("none, as HTTP/1.0 may") << QByteArray() << true;
    QTest::newRow("empty") << ""_ba << true;
    QTest::newRow("rebound") << "evil.example:8420"_ba << false;
    QTest::newRow("rebound without a port") << "evil.example"_ba << false;
    QTest::newRow("begins like an address") << "127.0.0.1.evil.example"_ba << false;
    QTest::newRow("digits, no address") << "127.0.0.999"_ba << false;
    QTest::newRow("ends like a named one") << "evil-chat.example"_ba << false;
    QTest::newRow("ends like localhost") << "evillocalhost.example"_ba << false;
    QTest::newRow("dot at the end") << "chat.example."_ba << false;
}

void tst_Middleware::hosts()
{
    QFETCH(QByteArray, host);
    QFETCH(bool, allowed);
    const QByteArray bytes = host.isNull() ? "GET /hello HTTP/1.0\r\n\r\n"_ba
                                           : QByteArray("GET /hello HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    Server server(std::make_unique<HostCheck>(QList<QByteArray>{ "chat.example" }));
    QCOMPARE(server.ask(Request::fromBytes(bytes)).status(), allowed ? Status::Ok : Status::Forbidden);
    Server open(std::make_unique<HostCheck>(QList<QByteArray>{ "*" }));
    QCOMPARE(open.ask(Request::fromBytes(bytes)).status(), Status::Ok);
}

void tst_Middleware::foreignPagesMayNotWrite()
{
    Server server(std::make_unique<OriginCheck>(QList<QByteArray>{ "https://app.example" }));
    const auto ask = [&](QByteArrayView method, const QByteArray &origin) {
        return server.ask(method, "/hello", { { "Origin", origin } }).status();
    };
    for (const char *const method : { "POST", "PUT", "PATCH", "DELETE", "MADEUP" }) {
        for (const char *const origin : { "https://evil.example", "null" })
            QCOMPARE(ask(method, origin), Status::Forbidden);
        for (const char *const origin : { "http://chat.example:8420", "https://app.example" })
            QVERIFY(ask(method, origin) != Status::Forbidden);
        QVERIFY(server.ask(method, "/hello").status() != Status::Forbidden);
    }
    for (const char *const method : { "GET", "HEAD", "OPTIONS" })
        QVERIFY(ask(method, "https://evil.example") != Status::Forbidden);
}

void tst_Middleware::origins_data()
{
    QTest::addColumn<QByteArray>("origin"); // null: none
    QTest::addColumn<bool>("upgraded");
    QTest::newRow("no browser") << QByteArray() << true;
    QTest::newRow("own host") << "http://chat.example:8420"_ba << true;
    QTest::newRow("own host behind TLS") << "https://Chat.Example:8420"_ba << true;
    QTest::newRow("named") << "https://app.example"_ba << true;
    QTest::newRow("other port") << "http://chat.example:9999"_ba << false;
    QTest::newRow("other") << "https://evil.example"_ba << false;
    QTest::newRow("ends alike") << "https://evil-chat.example:8420"_ba << false;
    QTest::newRow("user in front") << "http://x@chat.example:8420"_ba << false;
    QTest::newRow("null") << "null"_ba << false;
    QTest::newRow("empty") << ""_ba << false;
}

void tst_Middleware::origins()
{
    QFETCH(QByteArray, origin);
    QFETCH(bool, upgraded);
    QByteArray bytes = "GET /ws HTTP/1.1\r\nHost: chat.example:8420\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    if (!origin.isNull())
        bytes += "Origin: " + origin + "\r\n";
    bytes += "\r\n";
    Server server(std::make_unique<OriginCheck>(QList<QByteArray>{ "https://app.example" }));
    server.answers().handle(server.pipeline(), Request::fromBytes(bytes));
    QCOMPARE(server.answers().upgrades(), upgraded ? 1 : 0);
    if (!upgraded)
        QCOMPARE(server.answers().last().status(), Status::Forbidden);
    // A plain request is CORS's matter.
    QCOMPARE(server.ask("GET", "/hello", { { "Origin", "https://evil.example" } }).status(), Status::Ok);
}

void tst_Middleware::standardOrder()
{
    metrics::HttpMetrics metrics;
    metrics.setRoutes(RequestMetrics::labelsOf(makeRouter()));
    DrainSwitch drainSwitch;
    drainSwitch.turnOn();
    QByteArrayList lines;
    Server server(standard({ .accessLog = AccessLog::Format::Text,
                             .accessLogSink = [&](const QByteArray &line) { lines << line; },
                             .cors = { .origins = { "https://a.example" } },
                             .hosts = {} },
                           metrics, drainSwitch));
    const Response &response
        = server.ask("GET", "/hello", { { "Origin", "https://a.example" }, { "X-Request-Id", "id-1" } });
    // What the innermost refuses is named, logged, counted, and readable for the page.
    QCOMPARE(response.status(), Status::ServiceUnavailable);
    QCOMPARE(response.header("X-Request-Id"), QByteArrayView("id-1"));
    QCOMPARE(server.answers().lastJson()[u"request_id"_s].toString(), u"id-1"_s);
    QCOMPARE(field(lines.value(0), "status"), "503"_ba);
    QCOMPARE(field(lines.value(0), "id"), "id-1"_ba);
    QCOMPARE(metrics.snapshot().at(0).byClass[5], quint64(1));
    QCOMPARE(response.header("Access-Control-Allow-Origin"), QByteArrayView("https://a.example"));
}

void tst_Middleware::whatIsOffIsLeftOut()
{
    metrics::HttpMetrics metrics;
    const DrainSwitch drainSwitch;
    const size_t all
        = standard({ .accessLog = AccessLog::Format::Text, .accessLogSink = {}, .cors = { .origins = { "*" } } },
                   metrics, drainSwitch)
              .size();
    QCOMPARE(standard({}, metrics, drainSwitch).size(), all - 2);
    QCOMPARE(standard({ .accessLog = {}, .accessLogSink = {}, .cors = {}, .hosts = {} }, metrics, drainSwitch).size(),
             all - 3);
}

QTEST_GUILESS_MAIN(tst_Middleware)
#include "tst_middleware.moc"
