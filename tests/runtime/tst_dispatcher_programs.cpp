// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/runtime/dispatchermain.h"

#include <QFutureWatcher>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QProcess>
#include <QTcpServer>
#include <QTcpSocket>
#include <QWebSocket>
#include <QWebSocketServer>
#include <QtConcurrentRun>

using namespace Qt::StringLiterals;

/// What Qt's own classes do on our dispatcher.
class tst_DispatcherPrograms : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void httpClientAndTcpServer();
    void process();
    void webSockets();
    void futureWatcher();
    void blockingWaitsOfASocket();
};

void tst_DispatcherPrograms::httpClientAndTcpServer()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &QTcpServer::newConnection, &server, [&] {
        auto *const socket = server.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket] {
            socket->readAll();
            socket->write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        });
    });
    QNetworkAccessManager client;
    int right = 0;
    for (int i = 0; i < 20; ++i) {
        auto *const reply = client.get(QNetworkRequest(QUrl(u"http://127.0.0.1:%1/"_s.arg(server.serverPort()))));
        connect(reply, &QNetworkReply::finished, this, [&right, reply] {
            right += reply->readAll() == "hi";
            reply->deleteLater();
        });
    }
    QTRY_COMPARE(right, 20);
}

void tst_DispatcherPrograms::process()
{
    QProcess process;
    QSignalSpy finished(&process, &QProcess::finished);
    process.start(u"/bin/sh"_s, { u"-c"_s, u"cat; echo done"_s });
    process.write("hello ");
    process.closeWriteChannel();
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(process.exitCode(), 0);
    QCOMPARE(process.readAll(), "hello done\n");
}

void tst_DispatcherPrograms::webSockets()
{
    QWebSocketServer server(u"test"_s, QWebSocketServer::NonSecureMode);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &QWebSocketServer::newConnection, &server, [&] {
        auto *const socket = server.nextPendingConnection();
        socket->setParent(&server);
        connect(socket, &QWebSocket::textMessageReceived, socket,
                [socket](const QString &message) { socket->sendTextMessage(message.toUpper()); });
    });
    QWebSocket client;
    QSignalSpy received(&client, &QWebSocket::textMessageReceived);
    connect(&client, &QWebSocket::connected, &client, [&] { client.sendTextMessage(u"ping"_s); });
    client.open(server.serverUrl());
    QTRY_COMPARE(received.size(), 1);
    QCOMPARE(received.first().first().toString(), u"PING"_s);
}

void tst_DispatcherPrograms::futureWatcher()
{
    QFutureWatcher<int> watcher;
    QSignalSpy finished(&watcher, &QFutureWatcher<int>::finished);
    watcher.setFuture(QtConcurrent::run([] { return 7; }));
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(watcher.result(), 7);
}

void tst_DispatcherPrograms::blockingWaitsOfASocket()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QTcpSocket client;
    client.connectToHost(QHostAddress::LocalHost, server.serverPort());
    QVERIFY(client.waitForConnected(5000));
    QVERIFY(server.waitForNewConnection(5000));
    auto *const peer = server.nextPendingConnection();
    peer->write("x");
    QVERIFY(peer->waitForBytesWritten(5000));
    QVERIFY(client.waitForReadyRead(5000));
    QCOMPARE(client.readAll(), "x");
}

int main(int argc, char **argv)
{
    return godwit::test::dispatcherMain<tst_DispatcherPrograms>(argc, argv);
}

#include "tst_dispatcher_programs.moc"
