// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/faults.h"
#include "tests/outbound/clienttest.h"

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QSslKey>
#include <QSslServer>
#include <QSslSocket>
#include <QStandardPaths>
#include <QTemporaryDir>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::outbound;
using test::FakeReply;
using test::FakeRequest;
using test::FakeServer;

/// What keeps requests from where they must not go, and from what fails.
class tst_ClientGuards : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingButThePublicInternetByDefault();
    void theCheckedAddressIsConnectedTo();
    void anotherAddressLaterIsCheckedAgain();
    void aNamedHostIsAllowedByItsName();
    void redirectsAreFollowed_data();
    void redirectsAreFollowed();
    void redirectsAreChecked_data();
    void redirectsAreChecked();
    void redirectsEnd();
    void secretsStayWithTheirHost();
    void passingAnswersAreRetried_data();
    void passingAnswersAreRetried();
    void retryAfterIsHonoured();
    void whatMustNotArriveTwiceIsSentOnce();
    void aBrokenConnectionIsRetried();
    void theBudgetEndsRetries();
    void theBreakerOpensForItsHost();
    void errorsOfAServerOpenTheBreaker_data();
    void errorsOfAServerOpenTheBreaker();
    void faultsAreAskedFirst();
    void theCertificateIsCheckedByName();
};

static QUrl at(const FakeServer &server, const QString &path, const QString &host = {})
{
    QUrl url = server.url();
    url.setPath(path);
    if (!host.isEmpty())
        url.setHost(host);
    return url;
}

static const FakeServer::Handler hello
    = [](const FakeRequest &, const FakeReply &reply) { reply.answer(200, "hello"); };
static const QHostAddress here(QHostAddress::LocalHost);

void tst_ClientGuards::nothingButThePublicInternetByDefault()
{
    FakeServer server;
    server.on("GET /a", hello);
    TestClient test;
    test.options.allow = QStringList();
    test.setAddresses(u"inside.test"_s, { here });
    for (const QUrl &url : { at(server, u"/a"_s), at(server, u"/a"_s, u"2130706433"_s),
                             at(server, u"/a"_s, u"::ffff:127.0.0.1"_s), at(server, u"/a"_s, u"inside.test"_s) }) {
        const Outcome outcome = test.get(url);
        QCOMPARE(outcome.code(), Error::Code::PermissionDenied);
        QVERIFY2(outcome.message().contains(u"[outbound] allow"_s), qPrintable(outcome.message()));
    }
    QCOMPARE(server.accepted(), 0);
    QCOMPARE(test.client().figures().refused, 4);
    for (const auto &host : test.client().hosts().all())
        QCOMPARE(host->breaker.figures(Clock::system().now()).failures, 0);
}

void tst_ClientGuards::theCheckedAddressIsConnectedTo()
{
    FakeServer server;
    server.on("GET /a", hello);
    TestClient test;
    test.setAddresses(u"pinned.test"_s, { here }); // a name that no system knows: Qt cannot look it up again
    const Outcome outcome = test.get(at(server, u"/a"_s, u"pinned.test"_s));
    QVERIFY2(outcome.response, qPrintable(outcome.message()));
    QCOMPARE(outcome.response->body, "hello"_ba);
    QCOMPARE(outcome.response->url.host(), u"pinned.test"_s);
    const QByteArray port = ':' + QByteArray::number(server.url().port());
    QCOMPARE(server.requests().last().headers.value("host"), "pinned.test"_ba + port);
    // A mapped address is checked, and connected to, as the IPv4 address that it is.
    QCOMPARE(test.get(at(server, u"/a"_s, u"::ffff:127.0.0.1"_s)).status(), 200);
    QCOMPARE(server.requests().last().headers.value("host"), "[::ffff:127.0.0.1]"_ba + port);
}

void tst_ClientGuards::anotherAddressLaterIsCheckedAgain()
{
    FakeServer server;
    server.on("GET /a", hello);
    TestClient test;
    test.setAddresses(u"rebind.test"_s, { here, QHostAddress(u"169.254.169.254"_s) });
    QCOMPARE(test.get(at(server, u"/a"_s, u"rebind.test"_s)).status(), 200);
    const Outcome outcome = test.get(at(server, u"/a"_s, u"rebind.test"_s));
    QCOMPARE(outcome.code(), Error::Code::PermissionDenied);
    QVERIFY2(outcome.message().contains(u"rebind.test (169.254.169.254) is a link-local address"_s),
             qPrintable(outcome.message()));
    QCOMPARE(server.count("/a"), 1);
}

void tst_ClientGuards::aNamedHostIsAllowedByItsName()
{
    FakeServer server;
    server.on("GET /a", hello);
    TestClient test;
    test.options.allow = QStringList{ u"inside.test"_s };
    test.setAddresses(u"inside.test"_s, { here });
    test.setAddresses(u"other.test"_s, { here });
    QCOMPARE(test.get(at(server, u"/a"_s, u"Inside.Test."_s)).status(), 200);
    QCOMPARE(test.get(at(server, u"/a"_s, u"other.test"_s)).code(), Error::Code::PermissionDenied);
    QCOMPARE(test.get(at(server, u"/a"_s)).code(), Error::Code::PermissionDenied);
}

void tst_ClientGuards::redirectsAreFollowed_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("then");
    for (const int status : { 301, 302, 303, 307, 308 }) {
        const bool keeps = status >= 307;
        QTest::addRow("GET %d", status) << status << "GET"_ba << "GET"_ba;
        QTest::addRow("HEAD %d", status) << status << "HEAD"_ba << "HEAD"_ba;
        QTest::addRow("POST %d", status) << status << "POST"_ba << (keeps ? "POST"_ba : "GET"_ba);
        QTest::addRow("PUT %d", status) << status << "PUT"_ba << (status == 303 ? "GET"_ba : "PUT"_ba);
    }
}

void tst_ClientGuards::redirectsAreFollowed()
{
    QFETCH(int, status);
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, then);
    FakeServer server;
    server.on(method + " /a/b", [status](const FakeRequest &, const FakeReply &reply) {
        reply.answer(status, {}, "text/plain"_ba, "Location: ../c?d=e\r\n"_ba);
    });
    server.on(then + " /c", [](const FakeRequest &request, const FakeReply &reply) {
        reply.answer(200, request.method == "HEAD" ? ""_ba : request.body);
    });
    TestClient test;
    const bool hasBody = method == "POST" || method == "PUT";
    const Outcome outcome = test.send({ .method = method,
                                        .url = at(server, u"/a/b"_s),
                                        .headers = { { "Content-Type", "text/plain" } },
                                        .body = hasBody ? "body"_ba : QByteArray(),
                                        .isIdempotent = status >= 307 });
    QVERIFY2(outcome.response, qPrintable(outcome.message()));
    QCOMPARE(outcome.status(), 200);
    QCOMPARE(outcome.response->redirects, 1);
    QCOMPARE(outcome.response->attempts, 2);
    QCOMPARE(outcome.response->url.query(), u"d=e"_s);
    QCOMPARE(outcome.response->body, then == "POST" || then == "PUT" ? "body"_ba : ""_ba);
    TestClient still;
    const Outcome stayed = still.send(
        { .method = method, .url = at(server, u"/a/b"_s), .isIdempotent = status >= 307, .followsRedirects = false });
    QCOMPARE(stayed.status(), status);
}

void tst_ClientGuards::redirectsAreChecked_data()
{
    QTest::addColumn<QByteArray>("location");
    QTest::addColumn<Error::Code>("code");
    QTest::newRow("metadata") << "http://169.254.169.254/latest/"_ba << Error::Code::PermissionDenied;
    QTest::newRow("decimal") << "http://2852039166/"_ba << Error::Code::PermissionDenied;
    QTest::newRow("no scheme") << "//10.0.0.1/"_ba << Error::Code::PermissionDenied;
    QTest::newRow("a name inside") << "http://inside.test/"_ba << Error::Code::PermissionDenied;
    QTest::newRow("no such name") << "http://none.test/"_ba << Error::Code::NotFound;
    QTest::newRow("a file") << "file:///etc/passwd"_ba << Error::Code::FailedValidation;
    QTest::newRow("a password") << "http://a:b@127.0.0.1/"_ba << Error::Code::FailedValidation;
    QTest::newRow("nonsense") << "http://["_ba << Error::Code::FailedValidation;
}

void tst_ClientGuards::redirectsAreChecked()
{
    QFETCH(QByteArray, location);
    FakeServer server;
    server.on("GET /a", [location](const FakeRequest &, const FakeReply &reply) {
        reply.answer(302, {}, "text/plain"_ba, "Location: "_ba + location + "\r\n"_ba);
    });
    TestClient test;
    test.setAddresses(u"inside.test"_s, { QHostAddress(u"10.0.0.1"_s) });
    QTEST(test.get(at(server, u"/a"_s)).code(), "code");
}

void tst_ClientGuards::redirectsEnd()
{
    FakeServer server;
    server.on("GET /a", [](const FakeRequest &, const FakeReply &reply) {
        reply.answer(302, {}, "text/plain"_ba, "Location: /a\r\n"_ba);
    });
    TestClient test;
    const Outcome outcome = test.get(at(server, u"/a"_s));
    QCOMPARE(outcome.code(), Error::Code::FailedValidation);
    QVERIFY2(outcome.message().contains(u"more than 5 times"_s), qPrintable(outcome.message()));
    QCOMPARE(server.count("/a"), 6);
}

void tst_ClientGuards::secretsStayWithTheirHost()
{
    FakeServer first, second;
    const QByteArray there = second.url().toEncoded() + "/b"_ba;
    first.on("GET /a", [&there](const FakeRequest &, const FakeReply &reply) {
        reply.answer(302, {}, "text/plain"_ba, "Location: "_ba + there + "\r\n"_ba);
    });
    first.on("GET /c", [](const FakeRequest &, const FakeReply &reply) {
        reply.answer(302, {}, "text/plain"_ba, "Location: /d\r\n"_ba);
    });
    first.on("GET /d", hello);
    second.on("GET /b", hello);
    TestClient test;
    for (const auto &path : { u"/a"_s, u"/c"_s }) {
        QCOMPARE(test.send({ .url = at(first, path),
                             .headers = { { "authorization", "Bearer x" }, { "Cookie", "a=b" }, { "X-Plain", "p" } } })
                     .status(),
                 200);
    }
    QVERIFY(first.requests().first().headers.contains("authorization"));
    QVERIFY(!second.requests().first().headers.contains("authorization"));
    QVERIFY(!second.requests().first().headers.contains("cookie"));
    QCOMPARE(second.requests().first().headers.value("x-plain"), "p"_ba);
    QVERIFY(first.requests().last().headers.contains("authorization"));
}

void tst_ClientGuards::passingAnswersAreRetried_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<bool>("isIdempotent");
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("attempts");
    for (const int status : { 429, 502, 503, 504 })
        QTest::addRow("GET %d", status) << "GET"_ba << false << status << 3;
    QTest::newRow("GET 500") << "GET"_ba << false << 500 << 1;
    QTest::newRow("GET 404") << "GET"_ba << false << 404 << 1;
    QTest::newRow("HEAD 503") << "HEAD"_ba << false << 503 << 3;
    QTest::newRow("POST 503") << "POST"_ba << false << 503 << 1;
    QTest::newRow("PUT 503") << "PUT"_ba << false << 503 << 1;
    QTest::newRow("an idempotent POST 503") << "POST"_ba << true << 503 << 3;
}

void tst_ClientGuards::passingAnswersAreRetried()
{
    QFETCH(QByteArray, method);
    QFETCH(bool, isIdempotent);
    QFETCH(int, status);
    QFETCH(int, attempts);
    FakeServer server;
    server.on(method + " /a", [&](const FakeRequest &request, const FakeReply &reply) {
        reply.answer(status, request.method == "HEAD" ? ""_ba : "why"_ba);
    });
    TestClient test;
    const Outcome failing = test.send({ .method = method, .url = at(server, u"/a"_s), .isIdempotent = isIdempotent });
    QCOMPARE(failing.status(), status); // the last answer is the answer
    QCOMPARE(failing.response->body, method == "HEAD" ? ""_ba : "why"_ba);
    QCOMPARE(failing.response->attempts, attempts);
    QCOMPARE(server.count("/a"), attempts);
    QCOMPARE(test.client().figures().retries, attempts - 1);
    if (attempts == 1)
        return;
    int failures = 2;
    server.on(method + " /a",
              [&](const FakeRequest &, const FakeReply &reply) { reply.answer(--failures >= 0 ? status : 200, {}); });
    TestClient other;
    const Outcome outcome = other.send({ .method = method, .url = at(server, u"/a"_s), .isIdempotent = isIdempotent });
    QCOMPARE(outcome.status(), 200);
    QCOMPARE(outcome.response->attempts, 3);
}

void tst_ClientGuards::retryAfterIsHonoured()
{
    FakeServer server;
    QByteArray wait = "1"_ba;
    int count = 0;
    server.on("GET /a", [&](const FakeRequest &, const FakeReply &reply) {
        reply.answer(++count == 2 ? 200 : 503, {}, "text/plain"_ba, "Retry-After: "_ba + wait + "\r\n"_ba);
    });
    TestClient test;
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(test.get(at(server, u"/a"_s)).status(), 200);
    QVERIFY2(timer.elapsed() >= 1'000, qPrintable(QString::number(timer.elapsed())));
    wait = "3600"_ba; // nobody waits for so long
    const Outcome outcome = test.get(at(server, u"/a"_s));
    QCOMPARE(outcome.status(), 503);
    QCOMPARE(outcome.response->attempts, 1);
    wait = "20"_ba; // and not beyond the deadline
    QCOMPARE(finish(test.begin({ .url = at(server, u"/a"_s) }, { .deadline = async::Deadline::in(10s) })).status(),
             503);
}

void tst_ClientGuards::whatMustNotArriveTwiceIsSentOnce()
{
    FakeServer server;
    server.on("POST /a", [](const FakeRequest &, const FakeReply &reply) { reply.cut(); });
    TestClient test;
    for (const QByteArray &body : { "body"_ba, ""_ba }) {
        const Outcome outcome = test.send({ .method = "POST"_ba, .url = at(server, u"/a"_s), .body = body });
        QCOMPARE(outcome.code(), Error::Code::Unavailable);
    }
    QCOMPARE(server.count("/a"), 2); // where Qt by itself would have sent each four times
    // The price: Qt wants to rewind for a 307 as well, also if it is not to follow.
    server.on("POST /b", [](const FakeRequest &, const FakeReply &reply) {
        reply.answer(307, {}, "text/plain"_ba, "Location: /c\r\n"_ba);
    });
    QVERIFY(test.send({ .method = "POST"_ba, .url = at(server, u"/b"_s) }).message().contains(u"sent once only"_s));
}

void tst_ClientGuards::aBrokenConnectionIsRetried()
{
    FakeServer server;
    int cuts = 3; // some of them Qt sends again by itself
    server.on("GET /a", [&cuts](const FakeRequest &, const FakeReply &reply) {
        if (--cuts >= 0)
            reply.cut();
        else
            reply.answer(200, "hello");
    });
    TestClient test;
    const Outcome outcome = test.get(at(server, u"/a"_s));
    QVERIFY2(outcome.response, qPrintable(outcome.message()));
    QCOMPARE(server.count("/a"), 4);
    server.stop();
    TestClient other;
    QCOMPARE(other.get(at(server, u"/a"_s)).code(), Error::Code::Unavailable);
    QCOMPARE(other.client().figures().attempts, 3);
}

void tst_ClientGuards::theBudgetEndsRetries()
{
    FakeServer server;
    server.on("GET /a", [](const FakeRequest &, const FakeReply &reply) { reply.answer(429, {}); });
    TestClient test;
    for (int i = 0; i < 30; ++i)
        QCOMPARE(test.get(at(server, u"/a"_s)).status(), 429);
    // Ten saved up at first, and a tenth of one from each request: not sixty.
    const qsizetype retries = server.count("/a") - 30;
    QVERIFY2(retries >= 10 && retries <= 13, qPrintable(QString::number(retries)));
}

void tst_ClientGuards::theBreakerOpensForItsHost()
{
    FakeServer down, up;
    up.on("GET /a", hello);
    down.on("GET /a", hello);
    down.stop();
    ManualClock clock;
    TestClient test;
    test.surroundings.clock = &clock;
    const Request request{ .url = at(down, u"/a"_s), .attempts = 1 };
    for (int i = 0; i < 5; ++i) {
        const Outcome outcome = test.send(request);
        QVERIFY2(outcome.message().contains(u"nothing answers"_s), qPrintable(outcome.message()));
    }
    const Outcome refused = test.get(at(down, u"/a"_s)); // three attempts, if it were not for the breaker
    QCOMPARE(refused.code(), Error::Code::Unavailable);
    QVERIFY(refused.error->decider());
    QCOMPARE(refused.error->decider()->kind, Decider::Kind::CircuitBreaker);
    QCOMPARE(refused.error->decider()->name, u"127.0.0.1:%1"_s.arg(down.url().port()));
    QCOMPARE(refused.error->decider()->retryAfter, 30s);
    QCOMPARE(test.client().figures().attempts, 5);
    QCOMPARE(test.client().figures().openBreakers, 1);
    QCOMPARE(test.get(at(up, u"/a"_s)).status(), 200);
    clock.advance(30s);
    down.resume();
    QCOMPARE(test.send(request).status(), 200);
    QCOMPARE(test.client().figures().openBreakers, 0);
}

void tst_ClientGuards::errorsOfAServerOpenTheBreaker_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("opens");
    QTest::newRow("500") << 500 << true;
    QTest::newRow("503") << 503 << true;
    QTest::newRow("404") << 404 << false;
    QTest::newRow("429") << 429 << false;
}

void tst_ClientGuards::errorsOfAServerOpenTheBreaker()
{
    QFETCH(int, status);
    FakeServer server;
    server.on("GET /a", [status](const FakeRequest &, const FakeReply &reply) { reply.answer(status, {}); });
    TestClient test;
    for (int i = 0; i < 5; ++i)
        QCOMPARE(test.send({ .url = at(server, u"/a"_s), .attempts = 1 }).status(), status);
    QTEST(test.get(at(server, u"/a"_s)).error.has_value(), "opens");
}

void tst_ClientGuards::faultsAreAskedFirst()
{
    FakeServer server;
    server.on("GET /a", hello);
    async::Faults faults(u"upstream"_s);
    TestClient test;
    test.options.timeout = 200ms;
    test.surroundings.faults = &faults;
    QCOMPARE(test.get(at(server, u"/a"_s)).status(), 200);
    faults.set({ .errors = 1 });
    QCOMPARE(test.get(at(server, u"/a"_s)).code(), Error::Code::Unavailable);
    QCOMPARE(faults.count(), 3); // each attempt
    faults.set({ .hangs = 1 });
    QCOMPARE(test.get(at(server, u"/a"_s)).code(), Error::Code::DeadlineExceeded);
    faults.set({});
    QCOMPARE(test.get(at(server, u"/a"_s)).status(), 200);
    QCOMPARE(server.count("/a"), 2);
}

namespace {

/// Answers each connection with the name that the client asked for by SNI.
class TlsServer
{
public:
    explicit TlsServer(const QString &folder, const QString &name)
    {
        QProcess openssl;
        openssl.start(u"openssl"_s,
                      { u"req"_s, u"-x509"_s, u"-newkey"_s, u"ec"_s, u"-pkeyopt"_s, u"ec_paramgen_curve:prime256v1"_s,
                        u"-nodes"_s, u"-days"_s, u"2"_s, u"-subj"_s, u"/CN=test"_s, u"-addext"_s,
                        u"subjectAltName=DNS:"_s + name, u"-keyout"_s, folder + u"/key.pem"_s, u"-out"_s,
                        folder + u"/certificate.pem"_s });
        openssl.waitForFinished();
        QFile certificate(folder + u"/certificate.pem"_s), key(folder + u"/key.pem"_s);
        if (!certificate.open(QIODevice::ReadOnly) || !key.open(QIODevice::ReadOnly))
            qFatal("openssl: %s", openssl.readAllStandardError().constData());
        QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
        configuration.setLocalCertificate(QSslCertificate(&certificate));
        configuration.setPrivateKey(QSslKey(&key, QSsl::Ec));
        m_server.setSslConfiguration(configuration);
        QObject::connect(&m_server, &QSslServer::pendingConnectionAvailable, &m_server, [this] {
            while (auto *const socket = qobject_cast<QSslSocket *>(m_server.nextPendingConnection())) {
                QObject::connect(socket, &QSslSocket::readyRead, socket, [this, socket] {
                    ++requests;
                    head = socket->readAll();
                    socket->write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
                });
            }
        });
        if (!m_server.listen(QHostAddress::LocalHost))
            qFatal("cannot listen");
    }
    QUrl url(const QString &host) const { return QUrl(u"https://%1:%2/"_s.arg(host).arg(m_server.serverPort())); }

    int requests = 0;
    QByteArray head;

private:
    QSslServer m_server;
};

} // namespace

void tst_ClientGuards::theCertificateIsCheckedByName()
{
    if (QStandardPaths::findExecutable(u"openssl"_s).isEmpty())
        QSKIP("needs the openssl program");
    const QTemporaryDir folder;
    TlsServer server(folder.path(), u"pinned.test"_s);
    TestClient test;
    for (const auto &name : { u"pinned.test"_s, u"wrong.test"_s })
        test.setAddresses(name, { here });
    const Outcome unknown = test.get(server.url(u"pinned.test"_s)); // nobody has said that it is believed
    QCOMPARE(unknown.code(), Error::Code::FailedValidation);
    test.close();

    test.options.caFile = folder.filePath(u"certificate.pem"_s);
    const Outcome outcome = test.get(server.url(u"pinned.test"_s));
    QVERIFY2(outcome.response, qPrintable(outcome.message()));
    QCOMPARE(outcome.response->body, "hello"_ba);
    QVERIFY2(server.head.contains("\r\nHost: pinned.test:"), server.head.constData());
    // Neither another name of the same address nor the address itself is what the certificate is for.
    QCOMPARE(test.get(server.url(u"wrong.test"_s)).code(), Error::Code::FailedValidation);
    QCOMPARE(test.get(server.url(u"127.0.0.1"_s)).code(), Error::Code::FailedValidation);
    QCOMPARE(server.requests, 1);

    test.close();
    test.options.caFile = folder.filePath(u"key.pem"_s);
    QVERIFY_THROWS_EXCEPTION(Error, test.client());
}

QTEST_GUILESS_MAIN(tst_ClientGuards)
#include "tst_clientguards.moc"
