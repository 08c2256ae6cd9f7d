// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/pipeline.h"
#include "server/users/endpoints.h"
#include "tests/support/testanswerer.h"
#include "tests/users/testaccounts.h"

#include <QJsonArray>
#include <QTest>

using namespace godwit;
using namespace godwit::users;
using namespace Qt::StringLiterals;
using http::Request;
using protocol::Role;

/// The routes of users, without a socket. anna is a member, with id 1, carl an admin, with id 2.
class tst_UserEndpoints : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_server.reset(); }

    void roles_data();
    void roles();
    void wrongIsNamed_data();
    void wrongIsNamed();
    void createdChangedAndRemoved();
    void passwordsAreNeverAnswered();
    void theLastAdminStays();
    void cacheIsSaid();
    void listsInPages();
    void lookupAnswersEach();
    void preferencesConnectionsActivity();
    void overview();

private:
    struct Server : TestAccounts
    {
        Server() { addUserRoutes(router, service); }
        Service service{ database.pool, accounts, Service::cacheOptions(), clock };
        http::Router router;
        http::Pipeline pipeline{ router, {} };
        test::TestAnswerer answers;
    };

    void be(qint64 id, Role role)
    {
        m_server->answers.caller
            = std::make_shared<const protocol::Principal>(protocol::Principal{ .userId = id, .role = role });
    }
    int ask(const QByteArray &line, const QByteArray &body = {})
    {
        QByteArray bytes = line + " HTTP/1.1\r\nHost: test\r\n";
        if (!body.isEmpty())
            bytes += "Content-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n";
        const http::Exchange &exchange
            = m_server->answers.handle(m_server->pipeline, Request::fromBytes(QByteArray(bytes + "\r\n" + body)));
        [&exchange] { QTRY_VERIFY(exchange.isAnswered()); }();
        return int(m_server->answers.last().status());
    }
    QJsonObject json() const { return m_server->answers.lastJson(); }

    std::optional<Server> m_server;
};

void tst_UserEndpoints::init()
{
    m_server.emplace();
    QCOMPARE(m_server->add(u"anna"_s, Role::Member).id, 1);
    QCOMPARE(m_server->add(u"carl"_s, Role::Admin).id, 2);
    be(2, Role::Admin);
}

void tst_UserEndpoints::roles_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("ofAnother"); // what anna, a member, is answered about carl
    QTest::addColumn<int>("ofOneself");
    const QByteArray none, change = R"({"role": "operator"})", object = R"({"a": 1})";
    QTest::newRow("user") << "GET /api/users/%1"_ba << none << 200 << 200;
    QTest::newRow("list") << "GET /api/users"_ba << none << 200 << 200;
    QTest::newRow("lookup") << "POST /api/users/lookup"_ba << R"({"ids": [1]})"_ba << 200 << 200;
    QTest::newRow("change") << "PATCH /api/users/%1"_ba << change << 403 << 403;
    QTest::newRow("remove") << "DELETE /api/users/%1"_ba << none << 403 << 403;
    QTest::newRow("create") << "POST /api/users"_ba << R"({"name": "x", "password": "long enough"})"_ba << 403 << 403;
    QTest::newRow("preferences") << "GET /api/users/%1/preferences"_ba << none << 403 << 200;
    QTest::newRow("set preferences") << "PUT /api/users/%1/preferences"_ba << object << 403 << 200;
    QTest::newRow("activity") << "GET /api/users/%1/activity"_ba << none << 403 << 200;
    QTest::newRow("overview") << "GET /api/users/%1/overview"_ba << none << 403 << 200;
    QTest::newRow("connections") << "GET /api/users/%1/connections"_ba << none << 403 << 200;
    QTest::newRow("connection") << "GET /api/users/%1/connections/9"_ba << none << 403 << 404;
    QTest::newRow("connect") << "PUT /api/users/%1/connections/9"_ba << none << 403 << 404;
    QTest::newRow("disconnect") << "DELETE /api/users/%1/connections/9"_ba << none << 403 << 404;
}

void tst_UserEndpoints::roles()
{
    QFETCH(const QByteArray, line);
    QFETCH(const QByteArray, body);
    QFETCH(const int, ofAnother);
    QFETCH(const int, ofOneself);
    const auto about = [&](const char *id) { return QByteArray(line).replace("%1", id); };
    m_server->answers.caller.reset();
    QCOMPARE(ask(about("1"), body), 401);
    be(1, Role::Member);
    QCOMPARE(ask(about("2"), body), ofAnother);
    QCOMPARE(ask(about("1"), body), ofOneself);
    be(0, Role::Operator); // somebody without an account
    QCOMPARE(ask(about("1"), body), ofAnother);
    be(2, Role::Admin);
    QVERIFY(ask(about("1"), body) != 403);
}

void tst_UserEndpoints::wrongIsNamed_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("detail");
    const QByteArray none;
    const QString zero = u"User ID cannot be zero"_s;
    for (const char *line :
         { "GET /api/users/0", "DELETE /api/users/0", "GET /api/users/0/overview", "GET /api/users/0/preferences",
           "GET /api/users/0/activity", "GET /api/users/0/connections", "GET /api/users/0/connections/1",
           "PUT /api/users/1/connections/0", "DELETE /api/users/1/connections/0" })
        QTest::newRow(line) << QByteArray(line) << none << 400 << zero;
    QTest::newRow("change of 0") << "PATCH /api/users/0"_ba << R"({"name": "x"})"_ba << 400 << zero;
    QTest::newRow("preferences of 0") << "PUT /api/users/0/preferences"_ba << "{}"_ba << 400 << zero;
    QTest::newRow("negative") << "GET /api/users/-1"_ba << none << 400 << u"negative"_s;
    QTest::newRow("no number") << "GET /api/users/anna"_ba << none << 400 << QString();
    QTest::newRow("too large") << "GET /api/users/9223372036854775808"_ba << none << 400 << QString();
    QTest::newRow("nobody") << "GET /api/users/99"_ba << none << 404 << u"99"_s;
    QTest::newRow("change of nobody") << "PATCH /api/users/99"_ba << R"({"name": "x"})"_ba << 404 << u"99"_s;
    QTest::newRow("limit") << "GET /api/users?limit=1001"_ba << none << 400 << u"limit"_s;
    QTest::newRow("after") << "GET /api/users?after=-1"_ba << none << 400 << u"after"_s;
    QTest::newRow("no name") << "POST /api/users"_ba << R"({"password": "long enough"})"_ba << 422 << u"name"_s;
    QTest::newRow("short password") << "POST /api/users"_ba << R"({"name": "x", "password": "short"})"_ba << 422
                                    << u"8"_s;
    QTest::newRow("role") << "PATCH /api/users/1"_ba << R"({"role": "king"})"_ba << 422 << u"role"_s;
    QTest::newRow("taken") << "POST /api/users"_ba << R"({"name": "ANNA", "password": "long enough"})"_ba << 409
                           << u"anna"_s;
    QTest::newRow("no ids") << "POST /api/users/lookup"_ba << "{}"_ba << 422 << u"ids"_s;
    QTest::newRow("ids") << "POST /api/users/lookup"_ba << R"({"ids": [1, "2"]})"_ba << 422 << u"ids"_s;
    QTest::newRow("half an id") << "POST /api/users/lookup"_ba << R"({"ids": [1.5]})"_ba << 422 << u"ids"_s;
    QTest::newRow("many ids") << "POST /api/users/lookup"_ba
                              << QByteArray(R"({"ids": [1)" + QByteArray(",1").repeated(500) + "]}") << 422 << u"500"_s;
    QTest::newRow("concurrency") << "POST /api/users/lookup"_ba << R"({"ids": [1], "concurrency": 0})"_ba << 422
                                 << u"concurrency"_s;
    QTest::newRow("preferences") << "PUT /api/users/1/preferences"_ba << "[]"_ba << 422 << QString();
    QTest::newRow("itself") << "PUT /api/users/1/connections/1"_ba << none << 422 << u"itself"_s;
}

void tst_UserEndpoints::wrongIsNamed()
{
    QFETCH(const QByteArray, line);
    QFETCH(const QByteArray, body);
    QFETCH(const int, code);
    QFETCH(const QString, detail);
    QCOMPARE(ask(line, body), code);
    const QString said = json().value("detail"_L1).toString();
    QVERIFY2(said.contains(detail), qPrintable(said));
}

void tst_UserEndpoints::createdChangedAndRemoved()
{
    QCOMPARE(ask("POST /api/users", R"({"name": "dora", "password": "long enough", "role": "operator"})"), 201);
    QCOMPARE(m_server->answers.last().header("Location").toByteArray(), "/api/users/3"_ba);
    QCOMPARE(json().value("id"_L1).toInt(), 3);
    QCOMPARE(json().value("role"_L1).toString(), u"operator"_s);
    QCOMPARE(ask("PATCH /api/users/3", R"({"name": "Dora"})"), 200);
    QCOMPARE(json().value("name"_L1).toString(), u"Dora"_s);
    QCOMPARE(ask("GET /api/users/3"), 200);
    QCOMPARE(json().value("name"_L1).toString(), u"Dora"_s);
    QCOMPARE(ask("DELETE /api/users/3"), 204);
    QCOMPARE(ask("GET /api/users/3"), 404);
    QCOMPARE(ask("DELETE /api/users/3"), 404);
}

void tst_UserEndpoints::passwordsAreNeverAnswered()
{
    QCOMPARE(ask("POST /api/users", R"({"name": "dora", "password": "long enough"})"), 201);
    for (const char *line :
         { "GET /api/users", "GET /api/users/3", "GET /api/users/3/overview", "GET /api/users/3/activity" }) {
        QCOMPARE(ask(line), 200);
        const QByteArray content = m_server->answers.last().content();
        QVERIFY2(!content.contains("argon") && !content.contains("password\""), content.constData());
    }
}

void tst_UserEndpoints::theLastAdminStays()
{
    QCOMPARE(ask("DELETE /api/users/2"), 409);
    QCOMPARE(ask("PATCH /api/users/2", R"({"role": "operator"})"), 409);
    QCOMPARE(ask("GET /api/users/2"), 200);
    QCOMPARE(json().value("role"_L1).toString(), u"admin"_s);
    QCOMPARE(ask("PATCH /api/users/1", R"({"role": "admin"})"), 200);
    QCOMPARE(ask("DELETE /api/users/2"), 204);
    QCOMPARE(ask("DELETE /api/users/1"), 409);
}

void tst_UserEndpoints::cacheIsSaid()
{
    m_server->service.cache().clear();
    QCOMPARE(ask("GET /api/users/1"), 200);
    QCOMPARE(m_server->answers.last().header("X-Cache").toByteArray(), "miss"_ba);
    QCOMPARE(ask("GET /api/users/1"), 200);
    QCOMPARE(m_server->answers.last().header("X-Cache").toByteArray(), "hit"_ba);
}

void tst_UserEndpoints::listsInPages()
{
    QCOMPARE(ask("GET /api/users?limit=1"), 200);
    QCOMPARE(json().value("items"_L1).toArray().size(), 1);
    QCOMPARE(json().value("next"_L1).toString(), u"1"_s);
    QCOMPARE(ask("GET /api/users?limit=2&after=1"), 200);
    QCOMPARE(json().value("items"_L1)[0]["name"_L1].toString(), u"carl"_s);
    QVERIFY(json().value("next"_L1).isNull());
}

void tst_UserEndpoints::lookupAnswersEach()
{
    QCOMPARE(ask("POST /api/users/lookup", R"({"ids": [2, 99, 1, 0, 2], "concurrency": 2})"), 200);
    const QJsonArray results = json().value("results"_L1).toArray();
    QCOMPARE(results.size(), 5);
    QCOMPARE(results[0]["name"_L1].toString(), u"carl"_s);
    QCOMPARE(results[1]["status"_L1].toInt(), 404);
    QVERIFY(results[1].toObject().contains("type"_L1));
    QCOMPARE(results[2]["name"_L1].toString(), u"anna"_s);
    QCOMPARE(results[3]["status"_L1].toInt(), 400);
    QCOMPARE(results[3]["detail"_L1].toString(), u"User ID cannot be zero"_s);
    QCOMPARE(results[4], results[0]);
}

void tst_UserEndpoints::preferencesConnectionsActivity()
{
    be(1, Role::Viewer);
    QCOMPARE(ask("PUT /api/users/1/preferences", R"({"theme": "dark"})"), 200);
    QCOMPARE(ask("GET /api/users/1/preferences"), 200);
    QCOMPARE(json().value("theme"_L1).toString(), u"dark"_s);
    QCOMPARE(ask("PUT /api/users/1/connections/2"), 200);
    QCOMPARE(json().value("name"_L1).toString(), u"carl"_s);
    QCOMPARE(ask("GET /api/users/1/connections"), 200);
    QCOMPARE(json().value("items"_L1).toArray().size(), 1);
    QCOMPARE(ask("GET /api/users/1/connections/2"), 200);
    QCOMPARE(ask("DELETE /api/users/1/connections/2"), 204);
    QCOMPARE(ask("GET /api/users/1/connections/2"), 404);
    QCOMPARE(ask("GET /api/users/1/activity?limit=2"), 200);
    QCOMPARE(json().value("items"_L1).toArray().size(), 2);
    QCOMPARE(json().value("items"_L1)[0]["kind"_L1].toString(), u"connection_removed"_s);
    QCOMPARE(ask("GET /api/users/1/activity?limit=2&after=" + json().value("next"_L1).toString().toLatin1()), 200);
    QCOMPARE(json().value("items"_L1)[0]["kind"_L1].toString(), u"preferences_changed"_s);
}

void tst_UserEndpoints::overview()
{
    QCOMPARE(ask("PUT /api/users/1/connections/2"), 200);
    QCOMPARE(ask("GET /api/users/1/overview"), 200);
    QCOMPARE(json().keys(),
             (QStringList{ u"basic_info"_s, u"preferences"_s, u"recent_activity"_s, u"social_connections"_s }));
    QCOMPARE(json().value("basic_info"_L1)["name"_L1].toString(), u"anna"_s);
    QCOMPARE(json().value("social_connections"_L1)[0]["name"_L1].toString(), u"carl"_s);
    QCOMPARE(ask("GET /api/users/99/overview"), 404);
}

QTEST_GUILESS_MAIN(tst_UserEndpoints)
#include "tst_userendpoints.moc"
