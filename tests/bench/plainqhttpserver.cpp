// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later

// What Qt gives without Godwit: QHttpServer and its dispatcher, with the plain endpoints of the measurements.
// Environment: PORT.
#include <QCoreApplication>
#include <QHttpServer>
#include <QJsonObject>

#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
#include <QTcpServer>
#endif

int main(int argc, char *argv[])
{
    const QCoreApplication application(argc, argv);
    const auto port = quint16(qEnvironmentVariableIntValue("PORT"));
    QHttpServer server;
    server.route(QStringLiteral("/hello"), [] { return QHttpServerResponse("text/plain", "Hello, World!"); });
    server.route(QStringLiteral("/json"), [] {
        return QHttpServerResponse(QJsonObject{ { QStringLiteral("message"), QStringLiteral("Hello, World!") } });
    });
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    QTcpServer listener;
    if (!listener.listen(QHostAddress::LocalHost, port) || !server.bind(&listener))
        return 1;
#else
    if (!server.listen(QHostAddress::LocalHost, port))
        return 1;
#endif
    return application.exec();
}
