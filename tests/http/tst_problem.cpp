// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/problem.h"
#include "server/http/router.h"
#include "tests/support/testanswerer.h"

#include <QTest>

#include <cmath>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::http;
using godwit::test::TestAnswerer;

namespace {

QJsonObject jsonOf(const Response &response)
{
    return QJsonDocument::fromJson(response.content()).object();
}

} // namespace

class tst_Problem : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void everyCodeHasItsStatus_data();
    void everyCodeHasItsStatus();
    void hasTheMembersOfTheContract();
    void decidersAreTold_data();
    void decidersAreTold();
    void validationIsADecider();
    void retryAfterIsInWholeSeconds_data();
    void retryAfterIsInWholeSeconds();
    void internalDetailsStayInside();
    void aDeadlineThatHasPassed_data();
    void aDeadlineThatHasPassed();
    void cancelledWithinTheDeadlineIsUnavailable();
    void refusalsOfTheFraming();
    void anyTextIsValidJson_data();
    void anyTextIsValidJson();

private:
    TestAnswerer m_answers;
    Exchange *m_exchange = nullptr;
    Route m_route;
};

void tst_Problem::init()
{
    m_exchange = &m_answers.make(Request::get("/api/users/7?ticket=secret"));
    m_exchange->requestId = "id-1";
    m_route = Route{};
    m_route.pattern = "/api/users/{id}";
    m_exchange->route = &m_route;
}

void tst_Problem::everyCodeHasItsStatus_data()
{
    QTest::addColumn<Error::Code>("code");
    QTest::addColumn<int>("status");
    QTest::newRow("InvalidArgument") << Error::Code::InvalidArgument << 400;
    QTest::newRow("FailedValidation") << Error::Code::FailedValidation << 422;
    QTest::newRow("Unauthenticated") << Error::Code::Unauthenticated << 401;
    QTest::newRow("PermissionDenied") << Error::Code::PermissionDenied << 403;
    QTest::newRow("NotFound") << Error::Code::NotFound << 404;
    QTest::newRow("Conflict") << Error::Code::Conflict << 409;
    QTest::newRow("PayloadTooLarge") << Error::Code::PayloadTooLarge << 413;
    QTest::newRow("RangeNotSatisfiable") << Error::Code::RangeNotSatisfiable << 416;
    QTest::newRow("ResourceExhausted") << Error::Code::ResourceExhausted << 429;
    QTest::newRow("Unavailable") << Error::Code::Unavailable << 503;
    QTest::newRow("DeadlineExceeded") << Error::Code::DeadlineExceeded << 504;
    QTest::newRow("Cancelled") << Error::Code::Cancelled << 503;
    QTest::newRow("Internal") << Error::Code::Internal << 500;
}

void tst_Problem::everyCodeHasItsStatus()
{
    QFETCH(Error::Code, code);
    QFETCH(int, status);
    const Response response = problem(Error(code, u"why"_s), *m_exchange);
    QCOMPARE(int(response.status()), status);
    QCOMPARE(response.contentType(), QByteArrayView("application/problem+json"));
    QCOMPARE(jsonOf(response)[u"status"_s].toInt(), status);
    QCOMPARE(response.header("Retry-After").isNull(), status != 429 && status != 503);
    QCOMPARE(response.header("WWW-Authenticate").isNull(), status != 401);
}

void tst_Problem::hasTheMembersOfTheContract()
{
    const QJsonObject expected{
        { u"type"_s, u"about:blank"_s },
        { u"title"_s, u"Not Found"_s },
        { u"status"_s, 404 },
        { u"detail"_s, u"no user 7"_s },
        { u"instance"_s, u"/api/users/7"_s }, // without the query, which may hold a
                                              // ticket
        { u"request_id"_s, u"id-1"_s },
    };
    QCOMPARE(jsonOf(problem(Error(Error::Code::NotFound, u"no user 7"_s), *m_exchange)), expected);
}

void tst_Problem::decidersAreTold_data()
{
    QTest::addColumn<Decider::Kind>("kind");
    QTest::addColumn<QString>("word");
    QTest::newRow("rate limit") << Decider::Kind::RateLimit << u"rate_limit"_s;
    QTest::newRow("breaker") << Decider::Kind::CircuitBreaker << u"circuit_breaker"_s;
    QTest::newRow("bulkhead") << Decider::Kind::Bulkhead << u"bulkhead"_s;
    QTest::newRow("deadline") << Decider::Kind::Deadline << u"deadline"_s;
    QTest::newRow("shedding") << Decider::Kind::Shedding << u"shedding"_s;
}

void tst_Problem::decidersAreTold()
{
    QFETCH(Decider::Kind, kind);
    QFETCH(QString, word);
    const Response response = problem(
        Error(Error::Code::Unavailable, u"full"_s)
            .withDecider({ .kind = kind, .name = u"pool"_s, .limit = 20, .used = 21.5, .retryAfter = 1500ms }),
        *m_exchange);
    const QJsonObject expected{ { u"kind"_s, word },
                                { u"name"_s, u"pool"_s },
                                { u"limit"_s, 20 },
                                { u"used"_s, 21.5 },
                                { u"retry_after"_s, 1.5 } };
    QCOMPARE(jsonOf(response)[u"decider"_s].toObject(), expected);
    QCOMPARE(response.header("Retry-After"), QByteArrayView("2"));
}

void tst_Problem::validationIsADecider()
{
    const QJsonObject expected{ { u"kind"_s, u"validation"_s }, { u"name"_s, u"/api/users/{id}"_s } };
    QCOMPARE(jsonOf(problem(Error(Error::Code::FailedValidation, {}), *m_exchange))[u"decider"_s].toObject(), expected);
    QVERIFY(!jsonOf(problem(Error(Error::Code::NotFound, {}), *m_exchange)).contains(u"decider"_s));
}

void tst_Problem::retryAfterIsInWholeSeconds_data()
{
    QTest::addColumn<std::chrono::milliseconds>("pause");
    QTest::addColumn<QByteArray>("header");
    QTest::newRow("none") << 0ms << "1"_ba;
    QTest::newRow("short") << 1ms << "1"_ba;
    QTest::newRow("exact") << 2000ms << "2"_ba;
    QTest::newRow("rounded up") << 2001ms << "3"_ba;
}

void tst_Problem::retryAfterIsInWholeSeconds()
{
    QFETCH(std::chrono::milliseconds, pause);
    QFETCH(QByteArray, header);
    const Error error
        = Error(Error::Code::ResourceExhausted, u"slowly"_s).withDecider({ .name = u"x"_s, .retryAfter = pause });
    QCOMPARE(problem(error, *m_exchange).header("Retry-After"), QByteArrayView(header));
}

void tst_Problem::internalDetailsStayInside()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"id-1.*no such table: users"_s));
    const Response response = problem(Error::internal(u"no such table: users"_s), *m_exchange);
    QVERIFY(!response.content().contains("table"));
    // Not even as a message that was meant for the client.
    QVERIFY(!problem(Error(Error::Code::Internal, u"no such table"_s), *m_exchange).content().contains("table"));
}

void tst_Problem::aDeadlineThatHasPassed_data()
{
    QTest::addColumn<Error::Code>("code");
    QTest::addColumn<Status>("routes");
    QTest::newRow("504") << Error::Code::DeadlineExceeded << Status::GatewayTimeout;
    QTest::newRow("the route's own") << Error::Code::DeadlineExceeded << Status::RequestTimeout;
    QTest::newRow("cancelled by it") << Error::Code::Cancelled << Status::GatewayTimeout;
    QTest::newRow("cancelled by it, the route's own") << Error::Code::Cancelled << Status::RequestTimeout;
}

void tst_Problem::aDeadlineThatHasPassed()
{
    QFETCH(Error::Code, code);
    QFETCH(Status, routes);
    m_route.timeoutStatus = routes;
    m_exchange->startedAt = std::chrono::steady_clock::now() - 6s;
    m_exchange->deadline = async::Deadline(m_exchange->startedAt + 5s);
    const Response response = problem(Error(code, u"cancelled"_s), *m_exchange);
    QCOMPARE(response.status(), routes);
    QVERIFY(jsonOf(response)[u"detail"_s].toString() != u"cancelled"_s || code == Error::Code::DeadlineExceeded);
    const QJsonObject decider = jsonOf(response)[u"decider"_s].toObject();
    QCOMPARE(decider[u"kind"_s].toString(), u"deadline"_s);
    QCOMPARE(decider[u"limit"_s].toDouble(), 5.0);
    QVERIFY(decider[u"used"_s].toDouble() >= 6.0);
}

void tst_Problem::cancelledWithinTheDeadlineIsUnavailable()
{
    m_exchange->deadline = async::Deadline::in(1h);
    QCOMPARE(problem(Error::cancelled(), *m_exchange).status(), Status::ServiceUnavailable);
}

void tst_Problem::refusalsOfTheFraming()
{
    const Response response = problem(Status::HeaderFieldsTooLarge, u"too many"_s);
    const QJsonObject json = jsonOf(response);
    QCOMPARE(json[u"status"_s].toInt(), 431);
    QVERIFY(!json.contains(u"instance"_s));
    QVERIFY(!json[u"request_id"_s].toString().isEmpty());
    QCOMPARE(response.header("X-Request-Id"), QByteArrayView(json[u"request_id"_s].toString().toLatin1()));
    // With the id of the request, which the middleware tells.
    QVERIFY(problem(Status::NotFound, {}, m_exchange).header("X-Request-Id").isNull());
}

void tst_Problem::anyTextIsValidJson_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    QTest::newRow("quotes") << u"\"a\\b\""_s << u"\"a\\b\""_s;
    QTest::newRow("controls") << u"a\r\n\t\x01\x1f\x7f"_s << u"a\r\n\t\x01\x1f\x7f"_s;
    QTest::newRow("NUL") << QString(u"a\0b"_s) << QString(u"a\0b"_s);
    QTest::newRow("beyond ASCII") << u"ä€😀\u2028"_s << u"ä€😀\u2028"_s;
    QTest::newRow("lone surrogate") << QString(QChar(0xd800)) << QString::fromUtf8(QString(QChar(0xd800)).toUtf8());
    QTest::newRow("empty") << u""_s << u""_s;
}

void tst_Problem::anyTextIsValidJson()
{
    QFETCH(QString, text);
    QFETCH(QString, expected);
    const Response response = problem(
        Error(Error::Code::Unavailable, text)
            .withDecider({ .kind = Decider::Kind::Bulkhead, .name = text, .limit = std::nan(""), .used = 1e300 }),
        *m_exchange);
    const QJsonObject json = jsonOf(response);
    QCOMPARE(json[u"detail"_s].toString(), expected);
    QCOMPARE(json[u"decider"_s][u"name"_s].toString(), expected);
    QVERIFY(json[u"decider"_s][u"limit"_s].isNull());
    QCOMPARE(json[u"decider"_s][u"used"_s].toDouble(), 1e300);
}

QTEST_GUILESS_MAIN(tst_Problem)
#include "tst_problem.moc"
