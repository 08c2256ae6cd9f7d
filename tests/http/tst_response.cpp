// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/response.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit::http;

class tst_Response : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void kinds();
    void nothingCanBeInjected();
    void addKeepsAndSetReplaces();
};

void tst_Response::kinds()
{
    QCOMPARE(Response::text("a").contentType(), QByteArrayView("text/plain; charset=utf-8"));
    QCOMPARE(Response::html("a").contentType(), QByteArrayView("text/html; charset=utf-8"));
    QCOMPARE(Response::json(QJsonObject{ { u"a"_s, 1 } }).content(), "{\"a\":1}"_ba);
    QCOMPARE(Response::json(QJsonArray{ 1, 2 }).content(), "[1,2]"_ba);
    QCOMPARE(Response::json("{}"_ba, Status::Created).status(), Status::Created);
    QCOMPARE(Response::json("{}"_ba).contentType(), QByteArrayView("application/json"));
    QCOMPARE(Response::noContent().status(), Status::NoContent);
    QVERIFY(!Response().closesConnection());
    QVERIFY(Response().close().closesConnection());
}

void tst_Response::nothingCanBeInjected()
{
    Response response;
    response.add("X-A", QByteArray("a\r\nSet-Cookie: b\0c", 18));
    response.set("X-B", "d\ne");
    response.set("X-B", "f\rg");
    QCOMPARE(response.header("x-a"), QByteArrayView("a  Set-Cookie: b c"));
    QCOMPARE(response.header("X-B"), QByteArrayView("f g"));
}

void tst_Response::addKeepsAndSetReplaces()
{
    Response response;
    response.add("Vary", "Origin").add("X", "1").add("vary", "Accept");
    QCOMPARE(response.headers().size(), 3);
    QCOMPARE(response.header("VARY"), QByteArrayView("Origin"));
    response.set("Vary", "*");
    QCOMPARE(response.headers().size(), 2);
    QCOMPARE(response.header("vary"), QByteArrayView("*"));
    QCOMPARE(response.header("x"), QByteArrayView("1"));
    QVERIFY(response.header("y").isNull());
}

QTEST_APPLESS_MAIN(tst_Response)
#include "tst_response.moc"
