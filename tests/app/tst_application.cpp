// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/application.h"
#include "server/app/version.h"

#include <QJsonDocument>
#include <QSet>
#include <QSignalSpy>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::app;

/// The whole daemon in this process.
class tst_Application : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_home = std::make_unique<QTemporaryDir>(); }
    void theDescriptionListsExactlyTheRoutes();
    void nobodyIsServedWithoutATokenButByThese();
    void startsServesDrainsAndStartsAgain();
    void drainsWithoutAConnectionAtOnce();

private:
    std::unique_ptr<Application> make()
    {
        config::Config config;
        config.server.data = m_home->filePath(u"data"_s);
        config.database.file = m_home->filePath(u"data/godwit.db"_s);
        config.server.listen = { config::ListenAddress::tcp(QHostAddress(QHostAddress::LocalHost), 0) };
        config.runtime.workers = 2;
        config.rates.isOn = false; // a test asks more than a stranger may
        auto folder = orThrow(DataFolder::open(config.server.data));
        return std::make_unique<Application>(std::move(config), std::move(folder));
    }
    static QByteArray get(const QUrl &url)
    {
        QTcpSocket socket;
        socket.connectToHost(url.host(), quint16(url.port()));
        socket.write("GET " + url.path().toLatin1() + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        if (!QTest::qWaitFor([&] { return socket.state() == QAbstractSocket::UnconnectedState; }, 10'000))
            return "no answer";
        return socket.readAll();
    }

    std::unique_ptr<QTemporaryDir> m_home;
};

void tst_Application::theDescriptionListsExactlyTheRoutes()
{
    const auto application = make();
    QSet<QByteArray> routed, described;
    for (const http::Route *route : application->router().routes())
        routed.insert(http::toName(route->method).toByteArray() + ' ' + route->pattern);

    const QJsonObject api = QJsonDocument::fromJson(operations::Pages::load(version).openApi).object();
    const QJsonObject paths = api["paths"_L1].toObject();
    for (auto path = paths.begin(); path != paths.end(); ++path) {
        const QJsonObject item = path.value().toObject();
        for (const QString &method : item.keys()) {
            if (method != "parameters"_L1)
                described.insert(QByteArray(method.toUpper().toLatin1() + ' ' + path.key().toLatin1()));
        }
    }
    QCOMPARE((routed - described).values(), QList<QByteArray>{});
    QCOMPARE((described - routed).values(), QList<QByteArray>{});
    QVERIFY(routed.size() > 20);
}

void tst_Application::nobodyIsServedWithoutATokenButByThese()
{
    const QSet<QByteArray> open{
        "GET /",
        "GET /docs",
        "GET /openapi.json",
        "GET /asyncapi.json", // what runs here
        "GET /health",
        "GET /health/live",
        "GET /health/ready",
        "GET /metrics",
        "GET /api/events/time",
        "POST /api/auth/login",
        "POST /api/auth/refresh", // what gives a token
        "POST /api/auth/logout", // takes a refresh token
        "OPTIONS /api/uploads",
        "OPTIONS /api/uploads/{id}", // what of tus is spoken
    };
    const auto application = make();
    const QUrl url(application->listen().first());
    QSet<QByteArray> answered;
    for (const http::Route *route : application->router().routes()) {
        QByteArray path = route->pattern;
        path.replace("{id}", "1");
        QTcpSocket socket;
        socket.connectToHost(url.host(), quint16(url.port()));
        const QByteArray upgrade = route->kind == http::Route::Kind::WebSocket
            ? "Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"_ba
            : "Connection: close\r\n"_ba;
        socket.write(http::toName(route->method).toByteArray() + ' ' + path + " HTTP/1.1\r\nHost: x\r\n" + upgrade
                     + "Content-Length: 0\r\n\r\n");
        QTRY_VERIFY2_WITH_TIMEOUT(socket.bytesAvailable() >= 12, path.constData(), 10'000);
        const QByteArray name = http::toName(route->method).toByteArray() + ' ' + route->pattern;
        if (!socket.read(12).endsWith("401"))
            answered.insert(name);
        // Its parameters say so too; login and logout answer 401 or 415 by themselves.
        QCOMPARE(route->leastRole.has_value(), !open.contains(name));
    }
    QCOMPARE((answered - open).values(), QList<QByteArray>{});
    QVERIFY(answered.contains("GET /health"));
}

void tst_Application::startsServesDrainsAndStartsAgain()
{
    for (int round = 0; round < 3; ++round) {
        const auto application = make();
        const QUrl url(application->listen().first());
        QVERIFY(url.port() > 0);
        QCOMPARE(DataFolder::announcedUrl(m_home->filePath(u"data"_s)), url.toString());
        QUrl ready = url;
        ready.setPath(u"/health/ready"_s);
        QVERIFY(get(ready).startsWith("HTTP/1.1 200 "));

        // A connection that is idle is closed, and nobody is left to wait for.
        QTcpSocket idle;
        idle.connectToHost(url.host(), quint16(url.port()));
        QTRY_COMPARE(idle.state(), QAbstractSocket::ConnectedState);
        const QSignalSpy drained(application.get(), &Application::drained);
        application->drain();
        QTRY_COMPARE(drained.count(), 1);
        QTRY_COMPARE(idle.state(), QAbstractSocket::UnconnectedState);
    }
}

void tst_Application::drainsWithoutAConnectionAtOnce()
{
    const auto application = make();
    application->listen();
    const QSignalSpy drained(application.get(), &Application::drained);
    application->drain();
    application->drain(); // asked twice, done once
    QTRY_COMPARE(drained.count(), 1); // not at once only where a sensor is just being read
}

QTEST_GUILESS_MAIN(tst_Application)
#include "tst_application.moc"
