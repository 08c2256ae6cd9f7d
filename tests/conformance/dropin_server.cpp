// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// dropin_server: a plain QHttpServer with ordinary routes, made safe by one line. Prints `listening PORT`.
#include "server/http/listener.h"

#include <QCoreApplication>
#include <QFile>
#include <QFuture>
#include <QHttpServer>
#include <QTemporaryFile>
#include <QThread>
#include <QThreadPool>
#include <QWebSocket>
#include <QtConcurrentRun>

#include <cstdio>

using namespace Qt::StringLiterals;

namespace {

#if QT_VERSION >= QT_VERSION_CHECK(6, 7, 0)
using Responder = QHttpServerResponder &;
#else
using Responder = QHttpServerResponder &&;
#endif

/// On a thread of its own, as such programs do it. (A QPromise of what can only be moved crashes in Qt 6.4.)
QFuture<QHttpServerResponse> answerAfter(int milliseconds)
{
    return QtConcurrent::run([milliseconds] {
        QThread::msleep(static_cast<unsigned long>(milliseconds));
        return QHttpServerResponse("text/plain", "SLOW");
    });
}

void addRoutes(QHttpServer &server, const QString &file)
{
    server.route(u"/hello"_s, [] { return QHttpServerResponse("text/plain", "Hello, World!"); });
    server.route(u"/echo"_s, [](const QHttpServerRequest &request) {
        const QByteArray body = request.body();
        return QHttpServerResponse("text/plain", "len=" + QByteArray::number(body.size()) + " body=" + body.left(40));
    });
    server.route(u"/seen"_s, [](const QHttpServerRequest &request) {
        return QHttpServerResponse("text/plain", "target=" + request.url().path().toLatin1());
    });
    server.route(u"/slow/<arg>"_s, [](int milliseconds) { return answerAfter(milliseconds); });
    server.route(u"/big"_s, [] { return QHttpServerResponse("text/plain", QByteArray(64 << 20, 'x')); });
    server.route(u"/bytes/<arg>"_s, [](int size) { return QHttpServerResponse("text/plain", QByteArray(size, 'x')); });
    server.route(u"/empty"_s, [] { return QHttpServerResponse(QHttpServerResponse::StatusCode::NoContent); });
    server.route(u"/unmodified"_s, [] { return QHttpServerResponse(QHttpServerResponse::StatusCode::NotModified); });
    server.route(u"/file"_s, [file] { return QHttpServerResponse::fromFile(file); });
    server.route(u"/device"_s, [file](Responder responder) {
        auto *const device = new QFile(file); // the responder's, from here on
        responder.write(device, "text/plain");
    });
    server.route(u"/chunked/<arg>"_s, [](int, Responder responder) {
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
        responder.writeBeginChunked("text/plain");
        responder.writeChunk("hello");
        responder.writeEndChunked(" world");
#else
        responder.writeStatusLine();
        responder.writeHeader("Transfer-Encoding", "chunked");
        responder.writeBody("5\r\nhello\r\n");
        responder.writeBody("6\r\n world\r\n0\r\n\r\n");
#endif
    });
}

/// As such programs do it: QHttpServer's own QWebSocketServer takes every upgrade.
void takeWebSockets(QHttpServer &server)
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    server.addWebSocketUpgradeVerifier(
        &server, [](const QHttpServerRequest &) { return QHttpServerWebSocketUpgradeResponse::accept(); });
#else
    server.route(u"/ws"_s, [](Responder) { }); // it wants to know that there is such a route
#endif
    QObject::connect(&server, &QHttpServer::newWebSocketConnection, &server, [&server] {
        while (server.hasPendingWebSocketConnections()) {
            QWebSocket *const socket = server.nextPendingWebSocketConnection().release();
            socket->setParent(&server);
            QObject::connect(socket, &QWebSocket::textMessageReceived, socket,
                             [socket](const QString &text) { socket->sendTextMessage(u"echo:"_s + text.left(100)); });
            QObject::connect(socket, &QWebSocket::disconnected, socket, &QObject::deleteLater);
        }
    });
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    QThreadPool::globalInstance()->setMaxThreadCount(64);
    QTemporaryFile file;
    if (!file.open() || file.write(QByteArray(100'000, 'f')) < 0 || !file.flush())
        return 1;
    QHttpServer server;
    addRoutes(server, file.fileName());
    takeWebSockets(server);
    auto *const listener = new godwit::http::Listener(QHostAddress::LocalHost, 0);
    server.bind(listener);
    std::printf("listening %d\n", listener->serverPort());
    std::fflush(stdout);
    return app.exec();
}
