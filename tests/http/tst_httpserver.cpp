// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/bind.h"
#include "tests/websocket/rawclient.h"
#include "tests/websocket/testserver.h"

#include <QRegularExpression>
#include <QTest>

using namespace godwit;
using namespace Qt::StringLiterals;

namespace {

http::Router makeRouter()
{
    http::Router router;
    router.get("/hello", http::bind(+[]() { return http::Response::text("Hello"); }));
    return router;
}

} // namespace

/// The border to QAbstractHttpServer.
class tst_HttpServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsQtEachRequestOnce();
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

QTEST_GUILESS_MAIN(tst_HttpServer)
#include "tst_httpserver.moc"
