// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/apiclient.h"
#include "tests/support/waiting.h"

#include <QLocalServer>
#include <QLocalSocket>
#include <QTemporaryDir>
#include <QTest>

using namespace godwit;
using namespace godwit::client;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class tst_LocalSocketAccess : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void sendsWhatItIsGiven();
    void readsAnswers_data();
    void readsAnswers();
    void nobodyThere();
    void timesOut();
    void endsWithItsClient();

private:
    QUrl url() const { return QUrl(u"unix:"_s + m_folder.filePath(u"socket"_s)); }
    /// What came in, once the request is whole; answered and closed if there is an answer.
    QByteArray serve(const QByteArray &answer)
    {
        if (!QTest::qWaitFor([this] { return m_server->hasPendingConnections(); }))
            return {};
        QLocalSocket *client = m_server->nextPendingConnection();
        QByteArray received;
        const bool isWhole = QTest::qWaitFor([&] {
            received += client->readAll();
            const qsizetype head = received.indexOf("\r\n\r\n");
            return head >= 0 && (!received.contains("Content-Length: 7") || received.size() >= head + 4 + 7);
        });
        if (!answer.isEmpty()) {
            client->write(answer);
            client->flush();
            client->disconnectFromServer();
        }
        return isWhole ? received : QByteArray();
    }

    QTemporaryDir m_folder;
    std::unique_ptr<QLocalServer> m_server;
};

void tst_LocalSocketAccess::init()
{
    m_server = std::make_unique<QLocalServer>();
    QLocalServer::removeServer(m_folder.filePath(u"socket"_s));
    QVERIFY(m_server->listen(m_folder.filePath(u"socket"_s)));
}

void tst_LocalSocketAccess::sendsWhatItIsGiven()
{
    ApiClient api(url());
    api.setToken("secret");
    auto asked = api.post(u"/api/a b"_s, { { u"a"_s, 1 } });
    const QByteArray request = serve("HTTP/1.0 201 Created\r\nContent-Length: 8\r\nLocation: /x\r\n\r\n{\"id\":2}");
    const auto answer = awaited(std::move(asked));
    QVERIFY(request.startsWith("POST /api/a%20b HTTP/1.0\r\n"));
    QVERIFY(request.contains("Authorization: Bearer secret\r\n"));
    QVERIFY(request.endsWith("\r\n\r\n{\"a\":1}"));
    QVERIFY(answer);
    QCOMPARE(answer->status, 201);
    QCOMPARE(answer->object()["id"_L1].toInt(), 2);
    QCOMPARE(answer->header("location"), "/x"_ba);
}

void tst_LocalSocketAccess::readsAnswers_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("status"); // 0: an error of the connection
    QTest::addColumn<QString>("says");
    QTest::newRow("empty") << "HTTP/1.1 204 No Content\r\n\r\n"_ba << 204 << QString();
    QTest::newRow("until the end") << "HTTP/1.1 200 OK\r\n\r\n{}"_ba << 200 << QString();
    QTest::newRow("problem") << "HTTP/1.1 404 Not Found\r\nContent-Type: application/problem+json\r\n\r\n"
                                "{\"title\":\"Not Found\",\"status\":404,\"detail\":\"no such bird\"}"_ba
                             << 404 << u"no such bird"_s;
    QTest::newRow("cut") << "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"_ba << 0 << u"closed the connection"_s;
    QTest::newRow("no head") << "HTTP/1.1 200 OK\r\n"_ba << 0 << u"closed the connection"_s;
    QTest::newRow("no HTTP") << "SSH-2.0-x\r\n\r\n"_ba << 0 << u"closed the connection"_s;
}

void tst_LocalSocketAccess::readsAnswers()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const int, status);
    QFETCH(const QString, says);
    ApiClient api(url());
    auto asked = api.get(u"/"_s);
    QVERIFY(!serve(bytes).isEmpty());
    const auto answer = awaited(std::move(asked));
    QCOMPARE(answer.has_value(), status >= 200 && status < 300);
    if (answer)
        QCOMPARE(answer->status, status);
    else
        QVERIFY2(answer.error().message().contains(says), qPrintable(answer.error().message()));
}

void tst_LocalSocketAccess::nobodyThere()
{
    m_server.reset();
    ApiClient api(url());
    const auto answer = awaited(api.get(u"/"_s));
    QVERIFY(!answer);
    QCOMPARE(answer.error().code(), Error::Code::Unavailable);
}

void tst_LocalSocketAccess::timesOut()
{
    ApiClient api(url());
    api.setTimeout(50ms);
    const auto answer = awaited(api.get(u"/"_s)); // it is accepted, and nothing comes
    QVERIFY(!answer);
    QCOMPARE(answer.error().code(), Error::Code::DeadlineExceeded);
}

void tst_LocalSocketAccess::endsWithItsClient()
{
    auto api = std::make_unique<ApiClient>(url());
    auto asked = api->get(u"/"_s);
    QVERIFY(!serve({}).isEmpty());
    api.reset();
    const auto answer = awaited(std::move(asked));
    QVERIFY(!answer);
    QCOMPARE(answer.error().code(), Error::Code::Cancelled);
}

QTEST_GUILESS_MAIN(tst_LocalSocketAccess)
#include "tst_localsocketaccess.moc"
