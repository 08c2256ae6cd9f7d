// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/bind.h"
#include "server/http/pipeline.h"
#include "shared/async/sleep.h"
#include "tests/support/testanswerer.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::http;
using godwit::test::TestAnswerer;

namespace {

struct Page
{
    qint64 limit = 0;
    QString after;

    static Result<Page> fromQuery(QueryReader &reader)
    {
        return reader.finish(
            Page{ .limit = reader.integer("limit"_L1, 100, 1, 1000), .after = reader.string("after"_L1) });
    }
};

struct NewUser
{
    QString name;

    static Result<NewUser> fromJson(const QJsonObject &json)
    {
        JsonReader reader(json);
        return reader.finish(NewUser{ .name = reader.string("name"_L1) });
    }
};

struct Users
{
    int calls = 0;
};

Response show(Users &users, Path<qint64> id, Path<QString> tab)
{
    ++users.calls;
    return Response::text((QString::number(*id) + u' ' + *tab).toUtf8());
}

Response small(Path<qint8> id)
{
    return Response::text(QByteArray::number(*id));
}

Response unsignedId(Path<quint64> id)
{
    return Response::text(QByteArray::number(*id));
}

Response list(Query<Page> page)
{
    return Response::text((QString::number(page->limit) + u' ' + page->after).toUtf8());
}

// The context stands between the path's parameters: these are counted among themselves.
QCoro::Task<Response> later(Users &users, Path<QString> first, async::Context context, Path<QString> second)
{
    co_await async::sleepFor(context, 1ms);
    ++users.calls;
    co_return Response::text((*first + *second).toUtf8());
}

QCoro::Task<Response> failsLater(async::Context context)
{
    co_await async::sleepFor(context, 1ms);
    throw Error(Error::Code::Conflict, u"somebody was faster"_s);
}

Response create(Json<NewUser> user)
{
    return Response::text(user->name.toUtf8(), Status::Created);
}

void byItself(Exchange &exchange, const Request &request)
{
    exchange.answer(Response::text(request.methodName().toByteArray()));
}

Response whoAsks(protocol::Principal caller)
{
    return Response::text(caller.name.toUtf8());
}

Response maybeSomebody(MaybePrincipal caller)
{
    return Response::text(caller ? caller->name.toUtf8() : "nobody"_ba);
}

Response operators(As<protocol::Role::Operator> caller, Json<NewUser>)
{
    return Response::text(caller->name.toUtf8());
}

Response throwsForeign()
{
    throw std::runtime_error("secret detail");
}

Router makeRouter(Users &users)
{
    Router router;
    router.get("/users/{id}/{tab}", bind(show, users));
    router.get("/small/{id}", bind(small));
    router.get("/unsigned/{id}", bind(unsignedId));
    router.get("/users", bind(list));
    router.post("/users", bind(create));
    router.get("/later/{a}/{b}", bind(later, users));
    router.get("/fails", bind(failsLater));
    router.get("/itself", bind(byItself));
    router.get("/me", bind(whoAsks));
    router.get("/maybe", bind(maybeSomebody));
    router.post("/operators", bind(operators));
    router.get("/throws", bind(throwsForeign));
    return router;
}

} // namespace

class tst_Bind : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void extracts_data();
    void extracts();
    void bodies_data();
    void bodies();
    void aPrincipalAsParameterProtects_data();
    void aPrincipalAsParameterProtects();
    void waitsForACoroutine();
    void anErrorThrownLaterIsAnswered();
    void nothingOfAForeignExceptionIsShown();

private:
    Users m_users;
    const Router m_router = makeRouter(m_users);
    Pipeline m_pipeline{ m_router, {} };
};

void tst_Bind::extracts_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("expected"); // the content, or the problem's detail
    const auto row = [](const QByteArray &target, int status, const QString &expected) {
        QTest::newRow(target.constData()) << target << status << expected;
    };
    row("/users/7/posts", 200, u"7 posts"_s);
    row("/users/-7/a%2Fb%20c+d", 200, u"-7 a/b c+d"_s);
    row("/users/0/x", 200, u"0 x"_s);
    row("/users/x/posts", 400, u"\"x\" in the path is not a whole number in range"_s);
    row("/users/+7/posts", 400, u"\"+7\" in the path is not a whole number in range"_s);
    row("/users/%37/posts", 400, u"\"%37\" in the path is not a whole number in range"_s);
    row("/users/9223372036854775808/p", 400, u"\"9223372036854775808\" in the path is not a whole number in range"_s);
    row("/users/7/%E4", 400, u"the path is not UTF-8"_s);
    row("/users/7/%zz", 400, u"the path has a broken percent-escape"_s);
    row("/small/127", 200, u"127"_s);
    row("/small/128", 400, u"\"128\" in the path is not a whole number in range"_s);
    row("/unsigned/-1", 400, u"\"-1\" in the path is not a whole number in range"_s);
    row("/users?limit=5&after=a+b", 200, u"5 a b"_s);
    row("/users", 200, u"100 "_s);
    row("/users?limit=0", 400, u"\"limit\" must be from 1 to 1000"_s);
    row("/itself", 200, u"GET"_s);
}

void tst_Bind::extracts()
{
    QFETCH(QByteArray, target);
    QFETCH(int, status);
    QFETCH(QString, expected);
    TestAnswerer answers;
    answers.handle(m_pipeline, Request::get(target));
    QCOMPARE(answers.count(), size_t(1));
    QCOMPARE(int(answers.last().status()), status);
    QCOMPARE(status < 400 ? QString::fromUtf8(answers.last().content()) : answers.lastJson()[u"detail"_s].toString(),
             expected);
}

void tst_Bind::bodies_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    QTest::newRow("good") << "application/json"_ba << "{\"name\":\"Ada\"}"_ba << 201;
    QTest::newRow("charset") << "application/json; charset=utf-8"_ba << "{\"name\":\"Ada\"}"_ba << 201;
    QTest::newRow("case") << "Application/JSON"_ba << "{\"name\":\"Ada\"}"_ba << 201;
    QTest::newRow("suffix") << "application/vnd.godwit+json"_ba << "{\"name\":\"Ada\"}"_ba << 201;
    QTest::newRow("form") << "application/x-www-form-urlencoded"_ba << "{\"name\":\"Ada\"}"_ba << 415;
    QTest::newRow("text") << "text/plain"_ba << "{\"name\":\"Ada\"}"_ba << 415;
    QTest::newRow("no type") << ""_ba << "{\"name\":\"Ada\"}"_ba << 415;
    QTest::newRow("almost") << "application/jsonx"_ba << "{\"name\":\"Ada\"}"_ba << 415;
    QTest::newRow("empty") << "application/json"_ba << ""_ba << 400;
    QTest::newRow("broken") << "application/json"_ba << "{\"name\":"_ba << 400;
    QTest::newRow("two") << "application/json"_ba << "{} {}"_ba << 400;
    QTest::newRow("array") << "application/json"_ba << "[]"_ba << 422;
    QTest::newRow("missing member") << "application/json"_ba << "{}"_ba << 422;
    QTest::newRow("wrong type") << "application/json"_ba << "{\"name\":7}"_ba << 422;
}

void tst_Bind::bodies()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, body);
    QFETCH(int, status);
    TestAnswerer answers;
    answers.handle(m_pipeline, Request::post("/users", body, type));
    QCOMPARE(int(answers.last().status()), status);
}

void tst_Bind::aPrincipalAsParameterProtects_data()
{
    QTest::addColumn<QString>("role"); // empty: nobody
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<int>("status");
    const auto row = [](const char *name, const QString &role, const QByteArray &target, int status) {
        QTest::newRow(name) << role << target << status;
    };
    row("anybody", {}, "/users", 200);
    row("nobody known", {}, "/me", 401);
    row("somebody", u"viewer"_s, "/me", 200);
    row("nobody where somebody may be", {}, "/maybe", 200);
    row("nobody where a role is asked for", {}, "/operators", 401);
    row("less than the role", u"member"_s, "/operators", 403);
    row("the role", u"operator"_s, "/operators", 415); // only now the body is looked at
    row("more than the role", u"admin"_s, "/operators", 415);
}

void tst_Bind::aPrincipalAsParameterProtects()
{
    QFETCH(QString, role);
    QFETCH(QByteArray, target);
    QFETCH(int, status);
    TestAnswerer answers;
    if (!role.isEmpty())
        answers.caller = std::make_shared<const protocol::Principal>(
            protocol::Principal{ .userId = 1, .name = u"Ada"_s, .role = *protocol::roleFrom(role) });
    answers.handle(m_pipeline, target == "/operators" ? Request::post(target, "", "text/plain") : Request::get(target));
    QCOMPARE(int(answers.last().status()), status);
    QCOMPARE(!answers.last().header("WWW-Authenticate").isNull(), status == 401);
    if (target == "/maybe")
        QCOMPARE(answers.last().content(), "nobody"_ba);
}

void tst_Bind::waitsForACoroutine()
{
    m_users.calls = 0;
    TestAnswerer answers;
    const Exchange &exchange = answers.handle(m_pipeline, Request::get("/later/a/b"));
    QVERIFY(!exchange.isAnswered());
    QTRY_VERIFY(answers.hasAnswer());
    QCOMPARE(answers.last().content(), "ab"_ba);
    QCOMPARE(m_users.calls, 1);
}

void tst_Bind::anErrorThrownLaterIsAnswered()
{
    TestAnswerer answers;
    answers.handle(m_pipeline, Request::get("/fails"));
    QTRY_VERIFY(answers.hasAnswer());
    QCOMPARE(answers.last().status(), Status::Conflict);
    QCOMPARE(answers.lastJson()[u"detail"_s].toString(), u"somebody was faster"_s);
}

void tst_Bind::nothingOfAForeignExceptionIsShown()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"secret detail"_s));
    TestAnswerer answers;
    answers.handle(m_pipeline, Request::get("/throws"));
    QCOMPARE(answers.last().status(), Status::InternalServerError);
    QVERIFY(!answers.last().content().contains("secret"));
}

QTEST_GUILESS_MAIN(tst_Bind)
#include "tst_bind.moc"
