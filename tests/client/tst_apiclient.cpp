// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/apiclient.h"
#include "tests/support/fakeserver.h"

#include <QTest>
#include <qcorotask.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using client::Answer;
using client::ApiClient;
using test::FakeReply;
using test::FakeRequest;
using test::FakeServer;

class tst_ApiClient : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void getsJson();
    void postsJson();
    void removes();
    void sendsTheToken();
    void problemsBecomeErrors_data();
    void problemsBecomeErrors();
    void givesUpAfterTheTimeout();
    void nothingListens();
    void answerThatIsNotJson();
    void cutInTheMiddle();
    void destructionEndsWhatWaits();
};

static Result<Answer> get(ApiClient &api, const QString &path, const QUrlQuery &query = {})
{
    return QCoro::waitFor(api.get(path, query));
}

void tst_ApiClient::getsJson()
{
    FakeServer server;
    server.on("GET /api/search"_ba, [](const FakeRequest &, const FakeReply &reply) {
        reply.answer(200, R"([{"id":1}])"_ba, "application/json"_ba, "X-Cache: hit\r\n"_ba);
    });
    ApiClient api(server.url());
    const auto answer = get(api, u"/api/search"_s, QUrlQuery{ { u"q"_s, u"a b&c+ü"_s } });
    QVERIFY(answer);
    QCOMPARE(answer->status, 200);
    QCOMPARE(answer->array().at(0)["id"_L1].toInt(), 1);
    QCOMPARE(answer->header("x-cache"), "hit"_ba);
    QVERIFY(answer->header("x-other").isNull());
    QCOMPARE(server.requests().constFirst().query.queryItemValue(u"q"_s, QUrl::FullyDecoded), u"a b&c+ü"_s);
}

void tst_ApiClient::postsJson()
{
    FakeServer server;
    server.on("POST /api/tasks"_ba, [](const FakeRequest &request, const FakeReply &reply) {
        reply.json(QJsonDocument(QJsonObject{ { u"kind"_s, request.json()["kind"_L1] } }), 202);
    });
    ApiClient api(server.url());
    const auto answer = QCoro::waitFor(api.post(u"/api/tasks"_s, { { u"kind"_s, u"sleep"_s } }));
    QVERIFY(answer);
    QCOMPARE(answer->status, 202);
    QCOMPARE(answer->object()["kind"_L1].toString(), u"sleep"_s);
    QCOMPARE(server.requests().constFirst().headers.value("content-type"_ba), "application/json"_ba);
}

void tst_ApiClient::removes()
{
    FakeServer server;
    server.on("DELETE /api/tasks/{id}"_ba, [](const FakeRequest &, const FakeReply &reply) { reply.answer(204, {}); });
    ApiClient api(server.url());
    const auto answer = QCoro::waitFor(api.remove(u"/api/tasks/7"_s));
    QVERIFY(answer);
    QCOMPARE(answer->status, 204);
    QVERIFY(answer->json.isNull());
    QCOMPARE(server.requests().constFirst().parameters, QByteArrayList{ "7"_ba });
}

void tst_ApiClient::sendsTheToken()
{
    FakeServer server;
    ApiClient api(server.url());
    get(api, u"/"_s);
    api.setToken("secret"_ba);
    get(api, u"/"_s);
    QVERIFY(!server.requests().at(0).headers.contains("authorization"_ba));
    QCOMPARE(server.requests().at(1).headers.value("authorization"_ba), "Bearer secret"_ba);
}

void tst_ApiClient::problemsBecomeErrors_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<Error::Code>("code");
    QTest::newRow("400") << 400 << Error::Code::InvalidArgument;
    QTest::newRow("401") << 401 << Error::Code::Unauthenticated;
    QTest::newRow("403") << 403 << Error::Code::PermissionDenied;
    QTest::newRow("404") << 404 << Error::Code::NotFound;
    QTest::newRow("408") << 408 << Error::Code::DeadlineExceeded;
    QTest::newRow("409") << 409 << Error::Code::Conflict;
    QTest::newRow("422") << 422 << Error::Code::FailedValidation;
    QTest::newRow("429") << 429 << Error::Code::ResourceExhausted;
    QTest::newRow("500") << 500 << Error::Code::Internal;
    QTest::newRow("503") << 503 << Error::Code::Unavailable;
    QTest::newRow("504") << 504 << Error::Code::DeadlineExceeded;
}

void tst_ApiClient::problemsBecomeErrors()
{
    QFETCH(int, status);
    QFETCH(Error::Code, code);
    FakeServer server;
    server.on("GET /problem"_ba,
              [status](const FakeRequest &, const FakeReply &reply) { reply.problem(status, u"what went wrong"_s); });
    server.on("GET /plain"_ba, [status](const FakeRequest &, const FakeReply &reply) {
        reply.answer(status, "<html>"_ba, "text/html"_ba);
    });
    ApiClient api(server.url());

    const auto problem = get(api, u"/problem"_s);
    QVERIFY(!problem);
    QCOMPARE(problem.error().code(), code);
    QCOMPARE(problem.error().message(), u"what went wrong"_s);
    const auto plain = get(api, u"/plain"_s);
    QVERIFY(!plain);
    QCOMPARE(plain.error().message(), u"%1 Status"_s.arg(status));
}

void tst_ApiClient::givesUpAfterTheTimeout()
{
    FakeServer server;
    server.on("GET /silent"_ba, [](const FakeRequest &, const FakeReply &) { });
    ApiClient api(server.url());
    api.setTimeout(50ms);
    const auto answer = get(api, u"/silent"_s);
    QVERIFY(!answer);
    QCOMPARE(answer.error().code(), Error::Code::DeadlineExceeded);
}

void tst_ApiClient::nothingListens()
{
    FakeServer server;
    ApiClient api(server.url());
    server.stop();
    const auto answer = get(api, u"/"_s);
    QVERIFY(!answer);
    QCOMPARE(answer.error().code(), Error::Code::Unavailable);
    QCOMPARE(answer.error().message(), u"Nothing answers at %1"_s.arg(server.url().authority()));
}

void tst_ApiClient::answerThatIsNotJson()
{
    FakeServer server;
    server.on("GET /html"_ba, [](const FakeRequest &, const FakeReply &reply) { reply.answer(200, "<html>"_ba); });
    ApiClient api(server.url());
    const auto answer = get(api, u"/html"_s);
    QVERIFY(!answer);
    QVERIFY(answer.error().message().contains(u"not JSON"_s));
}

void tst_ApiClient::cutInTheMiddle()
{
    FakeServer server;
    server.on("GET /half"_ba, [](const FakeRequest &, const FakeReply &reply) {
        reply.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":"_ba);
        reply.cut();
    });
    ApiClient api(server.url());
    const auto answer = get(api, u"/half"_s);
    QVERIFY(!answer);
    QCOMPARE(answer.error().code(), Error::Code::Unavailable);
}

static QCoro::Task<> keep(ApiClient &api, std::optional<Error::Code> &ended)
{
    const auto answer = co_await api.get(u"/silent"_s);
    ended = answer ? Error::Code::Internal : answer.error().code();
}

void tst_ApiClient::destructionEndsWhatWaits()
{
    FakeServer server;
    server.on("GET /silent"_ba, [](const FakeRequest &, const FakeReply &) { });
    auto api = std::make_unique<ApiClient>(server.url());
    std::optional<Error::Code> ended;
    keep(*api, ended);
    QTRY_COMPARE(server.requests().size(), 1);
    QVERIFY(!ended);
    api.reset();
    QCOMPARE(ended, std::optional(Error::Code::Cancelled));
}

QTEST_GUILESS_MAIN(tst_ApiClient)
#include "tst_apiclient.moc"
