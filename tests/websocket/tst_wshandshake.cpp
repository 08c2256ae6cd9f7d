// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/bind.h"
#include "server/http/problem.h"
#include "server/websocket/wsendpoint.h"
#include "shared/async/sleep.h"
#include "tests/websocket/rawclient.h"
#include "tests/websocket/testserver.h"

#include <QScopeGuard>
#include <QTest>

#include <atomic>
#include <latch>

using namespace godwit;
using namespace godwit::websocket;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using http::Exchange;

namespace {

void echo(WsConnection &connection)
{
    QObject::connect(&connection, &WsConnection::textReceived, &connection,
                     [&connection](const QString &text) { connection.sendText(text.toUtf8()); });
}

void acceptEcho(Exchange &exchange)
{
    accept(exchange, {}, echo);
}

/// How many handshakes are being verified: none may be when the server is stopped.
std::atomic<int> verifying = 0;

/// Accepts or refuses after a while, as one does who asks a database.
QCoro::Task<> verify(Exchange &exchange, EndpointOptions options)
{
    ++verifying;
    const auto done = qScopeGuard([] { --verifying; });
    co_await async::sleepFor({}, 20ms);
    if (exchange.request.header("Authorization") == "Bearer good")
        accept(exchange, options, echo);
    else
        exchange.fail({ Error::Code::Unauthenticated, u"a token is needed"_s });
}

http::Router makeRouter()
{
    http::Router router;
    router.get("/hello", http::bind(+[]() { return http::Response::text("Hello"); }));
    router.webSocket("/ws/echo", acceptEcho);
    router.webSocket("/ws/verified", [](Exchange &exchange) { verify(exchange, {}); });
    router.webSocket("/ws/protocols", [](Exchange &exchange) {
        accept(exchange, { .subprotocols = { u"godwit.chat.v2"_s, u"godwit.chat.v1"_s } },
               [](WsConnection &connection) { connection.sendText(connection.subprotocol().toUtf8()); });
    });
    return router;
}

} // namespace

class tst_WsHandshake : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isAccepted();
    void takesFramesInTheHandshakesSegment();
    void takesManyAtOnce();
    void refusesWhatIsNoHandshake_data();
    void refusesWhatIsNoHandshake();
    void choosesASubprotocol_data();
    void choosesASubprotocol();
    void verifiesBeforeItAccepts();
    void survivesAClientThatLeavesMeanwhile();

private:
    test::TestServer m_server{ makeRouter() };
};

void tst_WsHandshake::isAccepted()
{
    test::RawClient client(m_server.port());
    QVERIFY(client.open("/ws/echo"));
    client.send(test::RawClient::Text, "hi");
    QCOMPARE(client.readFrame().value_or(test::RawClient::Frame{}).payload, "hi"_ba);
}

void tst_WsHandshake::takesFramesInTheHandshakesSegment()
{
    test::RawClient client(m_server.port());
    client.request("/ws/verified", test::RawClient::handshakeFields() + "Authorization: Bearer good\r\n");
    client.send(test::RawClient::Text, "one");
    client.send(test::RawClient::Text, "two");
    QVERIFY(client.readAnswer().startsWith("HTTP/1.1 101 "));
    QCOMPARE(client.readFrame().value_or(test::RawClient::Frame{}).payload, "one"_ba);
    QCOMPARE(client.readFrame().value_or(test::RawClient::Frame{}).payload, "two"_ba);
}

void tst_WsHandshake::takesManyAtOnce()
{
    std::vector<std::unique_ptr<test::RawClient>> clients;
    for (int i = 0; i < 50; ++i)
        clients.push_back(std::make_unique<test::RawClient>(m_server.port()));
    // The reactor finds all of them in one turn of its loop.
    std::latch allAsked(1);
    m_server.reactors().at(0).post([&allAsked] { allAsked.wait(); });
    for (const auto &client : clients)
        client->request("/ws/echo");
    allAsked.count_down();
    for (const auto &client : clients)
        QVERIFY(client->readAnswer().startsWith("HTTP/1.1 101 "));
    for (size_t i = 0; i < clients.size(); ++i) {
        clients[i]->send(test::RawClient::Text, QByteArray::number(i));
        QCOMPARE(clients[i]->readFrame().value_or(test::RawClient::Frame{}).payload, QByteArray::number(i));
    }
}

void tst_WsHandshake::refusesWhatIsNoHandshake_data()
{
    const QByteArray upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    const QByteArray key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<QByteArray>("status");
    QTest::newRow("no upgrade") << QByteArray() << "426"_ba;
    QTest::newRow("another version") << upgrade + key + "Sec-WebSocket-Version: 7\r\n" << "426"_ba;
    QTest::newRow("no version") << upgrade + key << "426"_ba;
    QTest::newRow("no key") << upgrade + "Sec-WebSocket-Version: 13\r\n" << "400"_ba;
    QTest::newRow("a short key") << upgrade + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA\r\n" << "400"_ba;
    QTest::newRow("two keys") << upgrade + key + key + "Sec-WebSocket-Version: 13\r\n" << "400"_ba;
    QTest::newRow("a key that is not Base64")
        << upgrade + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ************************\r\n"
        << "400"_ba;
}

void tst_WsHandshake::refusesWhatIsNoHandshake()
{
    QFETCH(QByteArray, fields);
    QFETCH(QByteArray, status);
    test::RawClient client(m_server.port());
    client.request("/ws/echo", fields);
    const QByteArray answer = client.readAnswer();
    QVERIFY2(answer.startsWith(QByteArray("HTTP/1.1 " + status)), answer.constData());
    QVERIFY2(answer.contains("application/problem+json"), answer.constData());
    if (status == "426" && !fields.isEmpty())
        QVERIFY2(answer.contains("Sec-WebSocket-Version: 13"), answer.constData()); // RFC 6455, 4.4
    client.request("/hello", {});
    QVERIFY(client.readAnswer().startsWith("HTTP/1.1 200"));
}

void tst_WsHandshake::choosesASubprotocol_data()
{
    QTest::addColumn<QByteArray>("offered");
    QTest::addColumn<QByteArray>("chosen");
    QTest::newRow("none offered") << QByteArray() << QByteArray();
    QTest::newRow("one") << "godwit.chat.v1"_ba << "godwit.chat.v1"_ba;
    QTest::newRow("unknown before known") << "soap, godwit.chat.v1"_ba << "godwit.chat.v1"_ba;
    QTest::newRow("none known") << "soap"_ba << QByteArray();
}

void tst_WsHandshake::choosesASubprotocol()
{
    QFETCH(QByteArray, offered);
    QFETCH(QByteArray, chosen);
    test::RawClient client(m_server.port());
    const QByteArray field = offered.isEmpty() ? QByteArray() : "Sec-WebSocket-Protocol: " + offered + "\r\n";
    client.request("/ws/protocols", test::RawClient::handshakeFields() + field);
    const QByteArray answer = client.readAnswer();
    QVERIFY2(answer.startsWith("HTTP/1.1 101 "), answer.constData());
    QCOMPARE(answer.contains("Sec-WebSocket-Protocol: "), !chosen.isEmpty());
    QCOMPARE(client.readFrame().value_or(test::RawClient::Frame{}).payload, chosen);
}

void tst_WsHandshake::verifiesBeforeItAccepts()
{
    test::RawClient client(m_server.port());
    client.request("/ws/verified", test::RawClient::handshakeFields());
    QVERIFY(client.readAnswer().startsWith("HTTP/1.1 401 "));
    // Refused, the connection is one of HTTP as before.
    client.request("/hello", {});
    QVERIFY(client.readAnswer().startsWith("HTTP/1.1 200 "));
    QCOMPARE(client.answerBody(), "Hello"_ba);
    client.request("/ws/verified", test::RawClient::handshakeFields() + "Authorization: Bearer good\r\n");
    QVERIFY(client.readAnswer().startsWith("HTTP/1.1 101 "));
    client.send(test::RawClient::Text, "hi");
    QCOMPARE(client.readFrame().value_or(test::RawClient::Frame{}).payload, "hi"_ba);
}

void tst_WsHandshake::survivesAClientThatLeavesMeanwhile()
{
    for (int i = 0; i < 100; ++i) {
        test::RawClient client(m_server.port());
        client.request("/ws/verified", test::RawClient::handshakeFields() + "Authorization: Bearer good\r\n");
        client.abort();
    }
    isAccepted();
    QTRY_COMPARE(openConnections(), 0);
    QTRY_COMPARE(verifying, 0); // of those who left too: a verification goes on without its client
}

QTEST_GUILESS_MAIN(tst_WsHandshake)
#include "tst_wshandshake.moc"
