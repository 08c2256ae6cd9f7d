// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/router.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::http;

namespace {

using Parameters = QVarLengthArray<QByteArrayView, 4>;

void nothing(Exchange &) { }

Router sampleRouter()
{
    Router router;
    router.get("/", nothing);
    router.get("/health", nothing);
    router.get("/api/users", nothing);
    router.post("/api/users", nothing);
    router.get("/api/users/me", nothing);
    router.get("/api/users/{id}", nothing);
    router.del("/api/users/{id}", nothing);
    router.get("/api/users/{id}/posts/{post}", nothing);
    router.get("/api/users/new/draft", nothing);
    router.get("/files/{path...}", nothing);
    router.get("/files/index", nothing);
    router.get("/files/{name}/meta", nothing);
    router.webSocket("/ws/chat", nothing);
    return router;
}

/// `pattern|parameter|...`, or `405 Allow`, or `404`.
QByteArray matched(const Router &router, Method method, QByteArrayView path)
{
    Parameters parameters;
    const Router::Match match = router.match(method, path, parameters);
    if (!match.route)
        return match.allow.isEmpty() ? "404"_ba : "405 " + match.allow;
    QByteArray text = match.route->pattern;
    for (const QByteArrayView parameter : parameters)
        text += '|' + parameter.toByteArray();
    return text;
}

} // namespace

class tst_Router : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void matches_data();
    void matches();
    void refusesToRegister_data();
    void refusesToRegister();
    void hundredsOfRoutes();
    void parametersAreViewsIntoThePath();
    void nothingIsLeftOverFromTheMatchBefore();
    void routesKeepTheirOrderAndTheirSettings();
};

void tst_Router::matches_data()
{
    QTest::addColumn<Method>("method");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const QByteArray &path, const QByteArray &expected, Method method = Method::Get) {
        QTest::addRow("%s %s", toName(method).toByteArray().constData(), path.constData())
            << method << path << expected;
    };
    row("/", "/");
    row("/health", "/health");
    row("/api/users", "/api/users", Method::Post);
    row("/api/users/7", "/api/users/{id}|7");
    row("/api/users/7/posts/9", "/api/users/{id}/posts/{post}|7|9");

    // A literal beats a parameter, and gives way where it leads nowhere.
    row("/api/users/me", "/api/users/me");
    row("/api/users/me/posts/9", "/api/users/{id}/posts/{post}|me|9");
    row("/api/users/new", "/api/users/{id}|new");
    row("/files/index", "/files/index");
    row("/files/index/meta", "/files/{name}/meta|index");

    row("/files/a", "/files/{path...}|a");
    row("/files/a/b/c", "/files/{path...}|a/b/c");
    row("/files/", "/files/{path...}|");
    row("/files", "404");

    row("/api/users", "/api/users", Method::Head);
    row("/api/users", "405 GET, HEAD, POST, OPTIONS", Method::Put);
    row("/api/users", "405 GET, HEAD, POST, OPTIONS", Method::Options);
    row("/api/users/7", "405 GET, HEAD, DELETE, OPTIONS", Method::Patch);
    row("/api/users/me", "405 GET, HEAD, OPTIONS", Method::Delete); // the literal knows the path
    row("/ws/chat", "405 GET, OPTIONS", Method::Post);
    row("/api/users", "405 GET, HEAD, POST, OPTIONS", Method::Other);

    row("", "404");
    row("*", "404");
    row("health", "404");
    row("//", "404");
    row("/Health", "404");
    row("/health/", "404");
    row("/healthy", "404");
    row("/api", "404");
    row("/api/", "404");
    row("/api/users/", "404");
    row("/api/users//posts/9", "404");
    row("/nothing", "404", Method::Options);

    // Nothing is decoded, nothing is resolved.
    row("/api/users/a%2Fb", "/api/users/{id}|a%2Fb");
    row("/%68ealth", "404");
    row("/api/users/.", "404");
    row("/api/users/..", "404");
    row("/api/users/%2e%2E", "404");
    row("/api/users/.%2e", "404");
    row("/api/../health", "404");
    row("/files/../health", "404");
    row("/files/a/../b", "404");
    row("/files/a/%2e%2e/b", "404");
    row("/files/a/..", "404");
    row("/files/a/..b/...", "/files/{path...}|a/..b/...");
    row("/api/users/.hidden", "/api/users/{id}|.hidden");
    row("/api/users/%41", "/api/users/{id}|%41");
}

void tst_Router::matches()
{
    QFETCH(Method, method);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, expected);
    static const Router router = sampleRouter();
    QCOMPARE(matched(router, method, path), expected);
}

void tst_Router::refusesToRegister_data()
{
    QTest::addColumn<QByteArray>("pattern");
    QTest::addColumn<QByteArray>("why");
    const auto row = [](const QByteArray &pattern, const QByteArray &why) {
        QTest::newRow(pattern.constData()) << pattern << why;
    };
    row("/api/users", "GET /api/users matches the same paths");
    row("/api/users/{user}", "GET /api/users/{id} matches the same paths");
    row("/files/{all...}", "GET /files/{path...} matches the same paths");
    row("/ws/chat", "GET /ws/chat matches the same paths");
    row("api", "a pattern starts with /");
    row("/a//b", "empty segment");
    row("/a/{}", "a parameter is a whole segment");
    row("/a/{...}", "a parameter needs a name");
    row("/a/{b", "a parameter is a whole segment");
    row("/a/x{b}", "a parameter is a whole segment");
    row("/a/{b}{c}", "a parameter needs a name");
    row("/a/{b...}/c", "nothing can follow");
    row("/a/../b", "dot segments");
    row("/a%20b", "written decoded");
    row("/a?b", "written decoded");
}

void tst_Router::refusesToRegister()
{
    QFETCH(QByteArray, pattern);
    QFETCH(QByteArray, why);
    Router router = sampleRouter();
    try {
        router.get(pattern, nothing);
        QFAIL("it was registered");
    } catch (const Error &error) {
        QVERIFY2(error.internalMessage().toUtf8().contains(why), qPrintable(error.internalMessage()));
        QVERIFY2(error.internalMessage().contains(QString::fromUtf8(pattern)), qPrintable(error.internalMessage()));
    }
}

void tst_Router::hundredsOfRoutes()
{
    Router router;
    for (int i = 0; i < 400; ++i) {
        const QByteArray base = "/api/v" + QByteArray::number(i % 7) + "/resource" + QByteArray::number(i);
        router.get(base, nothing);
        router.post(base, nothing);
        router.get(QByteArray(base + "/{id}"), nothing);
        router.put(QByteArray(base + "/{id}/part/{part}"), nothing);
    }
    QCOMPARE(router.routes().size(), size_t(1600));
    for (int i = 0; i < 400; ++i) {
        const QByteArray base = "/api/v" + QByteArray::number(i % 7) + "/resource" + QByteArray::number(i);
        QCOMPARE(matched(router, Method::Get, base), base);
        QCOMPARE(matched(router, Method::Get, QByteArray(base + "/x")), QByteArray(base + "/{id}|x"));
        QCOMPARE(matched(router, Method::Put, QByteArray(base + "/x/part/y")),
                 QByteArray(base + "/{id}/part/{part}|x|y"));
        QCOMPARE(matched(router, Method::Delete, base), "405 GET, HEAD, POST, OPTIONS"_ba);
        QCOMPARE(matched(router, Method::Get, QByteArray(base + "0x")), "404"_ba);
    }
}

void tst_Router::parametersAreViewsIntoThePath()
{
    const Router router = sampleRouter();
    const QByteArray path = "/api/users/7/posts/9";
    Parameters parameters;
    router.match(Method::Get, path, parameters);
    QCOMPARE(parameters.size(), 2);
    QCOMPARE(parameters[0].data(), path.constData() + 11);
    QCOMPARE(parameters[1].data(), path.constData() + 19);
}

void tst_Router::nothingIsLeftOverFromTheMatchBefore()
{
    const Router router = sampleRouter();
    Parameters parameters;
    router.match(Method::Get, "/api/users/7/posts/9", parameters);
    router.match(Method::Get, "/api/users/7/posts/9/more", parameters);
    QVERIFY(parameters.isEmpty());
    router.match(Method::Get, "/api/users/new/draft", parameters);
    QVERIFY(parameters.isEmpty());
}

void tst_Router::routesKeepTheirOrderAndTheirSettings()
{
    Router router;
    router.get("/a", nothing).within(5s).timingOutWith(Status::RequestTimeout);
    router.post("/b", nothing).accepting(17);
    router.get("/c", nothing).withoutDeadline();
    router.webSocket("/d", nothing);
    const auto routes = router.routes();
    QCOMPARE(routes.size(), size_t(4));
    for (size_t i = 0; i < 4; ++i)
        QCOMPARE(routes[i]->index, qsizetype(i));
    QVERIFY(routes[0]->deadline == 5000ms);
    QCOMPARE(routes[0]->timeoutStatus, Status::RequestTimeout);
    QVERIFY(routes[1]->bodyLimit == 17);
    QVERIFY(!routes[1]->deadline);
    QVERIFY(routes[2]->deadline == 0ms);
    QCOMPARE(routes[3]->kind, Route::Kind::WebSocket);
    QCOMPARE(routes[3]->method, Method::Get);
}

QTEST_APPLESS_MAIN(tst_Router)
#include "tst_router.moc"
