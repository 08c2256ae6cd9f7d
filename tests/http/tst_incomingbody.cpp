// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/bind.h"
#include "server/http/httpserver.h"
#include "server/http/pipeline.h"
#include "server/http/problem.h"

#include <QTcpSocket>
#include <QTest>

#include <sys/socket.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::http;

namespace {

/// What the handlers have seen.
struct Seen
{
    QByteArray content;
    qsizetype largest = 0;
    std::optional<Error> error;
    int begun = 0;
    int left = std::numeric_limits<int>::max(); // pieces that are still to be taken
    std::optional<async::OneShot<void>::Finisher> resume; // when they have been
};

QCoro::Task<Response> take(Seen &seen, Exchange &exchange)
{
    ++seen.begun;
    for (;;) {
        while (seen.left == 0) {
            auto [finisher, resumed] = async::oneShot<void>();
            seen.resume.emplace(std::move(finisher));
            co_await std::move(resumed);
        }
        --seen.left;
        QByteArray piece;
        try {
            auto arriving = exchange.incoming().next();
            piece = co_await std::move(arriving);
        } catch (const Error &error) {
            seen.error = error;
            throw;
        }
        if (piece.isEmpty())
            break;
        seen.largest = std::max(seen.largest, piece.size());
        seen.content += piece;
    }
    co_return Response::text(QByteArray::number(seen.content.size()));
}

Response refuse(Exchange &)
{
    throw Error(Error::Code::Conflict, u"no"_s);
}

Response whole(Seen &seen, const Request &request)
{
    seen.content = request.body().toByteArray();
    return Response::text("whole"_ba);
}

class Fixture
{
public:
    explicit Fixture(Limits limits = {})
    {
        router.patch("/take", bind(take, seen))
            .accepting(64 * 1024 * 1024)
            .streamed()
            .timingOutWith(Status::RequestTimeout);
        router.patch("/small", bind(take, seen)).accepting(10).streamed();
        router.patch("/refuse", bind(refuse)).streamed();
        router.patch("/whole", bind(whole, seen));
        pipeline.emplace(router, std::vector<std::unique_ptr<Middleware>>());
        ListenOptions options;
        options.limits = limits;
        server.emplace(*pipeline, options);
        auto sockets = orThrow(ListenSocket::open({}, 1));
        client.connectToHost(QHostAddress::LocalHost, sockets[0].address().port);
        server->listenOn(std::move(sockets[0]));
    }
    void send(const QByteArray &bytes) { client.write(bytes); }
    void resume(int pieces = std::numeric_limits<int>::max())
    {
        seen.left = pieces;
        seen.resume->set();
        seen.resume.reset();
    }
    /// All that has been answered.
    const QByteArray &answer()
    {
        m_answer += client.readAll();
        return m_answer;
    }
    bool hasTaken(qsizetype bytes) { return answer().endsWith(QByteArray("\r\n\r\n" + QByteArray::number(bytes))); }
    bool isClosed() const { return client.state() == QAbstractSocket::UnconnectedState; }

    Seen seen;
    Router router;
    std::optional<Pipeline> pipeline;
    std::optional<HttpServer> server;
    QTcpSocket client;

private:
    QByteArray m_answer;
};

QByteArray head(const QByteArray &path, const QByteArray &fields)
{
    return "PATCH " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

/// Of which no two parts are the same.
QByteArray contentOf(qsizetype size)
{
    QByteArray content;
    for (int i = 0; content.size() < size; ++i)
        content += QByteArray::number(i) + ' ';
    return content.first(size);
}

QByteArray chunked(const QByteArray &content, qsizetype piece)
{
    QByteArray chunks;
    for (qsizetype at = 0; at < content.size(); at += piece) {
        const QByteArray part = content.mid(at, piece);
        chunks += QByteArray::number(part.size(), 16) + "\r\n" + part + "\r\n";
    }
    return chunks + "0\r\n\r\n";
}

} // namespace

class tst_IncomingBody : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void arrivesInPieces_data();
    void arrivesInPieces();
    void nextRequestFollows();
    void holdsTheClientBack();
    void saysContinueOnlyWhenItIsWanted();
    void refusesWithoutReading();
    void refusesTooMuch_data();
    void refusesTooMuch();
    void refusesBrokenChunks();
    void endsWhenTheClientLeaves_data();
    void endsWhenTheClientLeaves();
    void endsWhenTheClientIsTooSlow();
    void aPausedHandlerIsNotTheClientsFault();
    void endsWhenItIsStopped();
    void otherRoutesGetItWhole();
};

void tst_IncomingBody::arrivesInPieces_data()
{
    QTest::addColumn<qsizetype>("size");
    QTest::addColumn<qsizetype>("chunk");
    QTest::newRow("nothing") << qsizetype(0) << qsizetype(0);
    QTest::newRow("a byte") << qsizetype(1) << qsizetype(0);
    QTest::newRow("large") << qsizetype(5'000'000) << qsizetype(0);
    QTest::newRow("empty chunks") << qsizetype(0) << qsizetype(1);
    QTest::newRow("small chunks") << qsizetype(100'000) << qsizetype(7);
    QTest::newRow("large chunks") << qsizetype(5'000'000) << qsizetype(300'000);
}

void tst_IncomingBody::arrivesInPieces()
{
    QFETCH(qsizetype, size);
    QFETCH(qsizetype, chunk);
    Fixture test;
    const QByteArray content = contentOf(size);
    test.send(chunk > 0 ? head("/take", "Transfer-Encoding: chunked\r\n") + chunked(content, chunk)
                        : head("/take", "Content-Length: " + QByteArray::number(size) + "\r\n") + content);
    QTRY_VERIFY(test.hasTaken(size));
    QVERIFY(test.seen.content == content);
    QVERIFY(test.answer().startsWith("HTTP/1.1 200 "));
    QVERIFY(!test.answer().contains("Connection: close"));
}

void tst_IncomingBody::nextRequestFollows()
{
    Fixture test;
    const QByteArray content = contentOf(400'000);
    const QByteArray one = head("/take", "Content-Length: 400000\r\n") + content;
    test.send(one + head("/whole", "Content-Length: 3\r\n") + "abc" + one);
    QTRY_COMPARE(test.answer().count("HTTP/1.1 200 "), 3);
    QCOMPARE(test.seen.begun, 2);
    QVERIFY(test.answer().contains("400000HTTP/1.1 200 "));
    QVERIFY(test.seen.content == "abc" + content);
}

void tst_IncomingBody::holdsTheClientBack()
{
    Fixture test;
    test.seen.left = 1;
    const QByteArray content = contentOf(32 * 1024 * 1024);
    test.send(head("/take", "Content-Length: " + QByteArray::number(content.size()) + "\r\n") + content);
    QTRY_VERIFY(test.seen.resume.has_value());
    // What neither the channel nor the kernel takes is still with the client.
    qint64 before = -1;
    QTRY_VERIFY(before == std::exchange(before, test.client.bytesToWrite()));
    QVERIFY(before > 8 * 1024 * 1024);
    test.resume();
    QTRY_VERIFY(test.hasTaken(content.size()));
    QVERIFY(test.seen.content == content);
    QVERIFY2(test.seen.largest <= 192 * 1024, qPrintable(QString::number(test.seen.largest)));
}

void tst_IncomingBody::saysContinueOnlyWhenItIsWanted()
{
    const QByteArray fields = "Expect: 100-continue\r\nContent-Length: 5\r\n";
    Fixture test;
    test.seen.left = 0;
    test.send(head("/take", fields));
    QTRY_VERIFY(test.seen.resume.has_value());
    QCOMPARE(test.answer(), QByteArray());
    test.resume();
    QTRY_COMPARE(test.answer(), "HTTP/1.1 100 Continue\r\n\r\n"_ba);
    test.send("hello");
    QTRY_VERIFY(test.hasTaken(5));

    Fixture refused;
    refused.send(head("/refuse", fields));
    QTRY_VERIFY(refused.answer().startsWith("HTTP/1.1 409 "));

    Fixture eager; // and does not wait for it
    eager.send(head("/take", fields) + "hello");
    QTRY_VERIFY(eager.hasTaken(5));
    QVERIFY(!eager.answer().contains("100 Continue"));
}

void tst_IncomingBody::refusesWithoutReading()
{
    Fixture test;
    test.send(head("/refuse", "Content-Length: 1000000\r\n") + contentOf(1'000'000));
    QTRY_VERIFY(test.answer().startsWith("HTTP/1.1 409 "));
    QVERIFY(test.answer().contains("Connection: close\r\n"));
    QTRY_VERIFY(test.isClosed() && test.server->figures().total() == 0);
}

void tst_IncomingBody::refusesTooMuch_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::newRow("known before") << head("/small", "Content-Length: 11\r\n") + "12345678901";
    QTest::newRow("found out") << head("/small", "Transfer-Encoding: chunked\r\n") + chunked("12345678901", 4);
}

void tst_IncomingBody::refusesTooMuch()
{
    QFETCH(QByteArray, request);
    Fixture test;
    test.send(request);
    QTRY_VERIFY(test.answer().startsWith("HTTP/1.1 413 "));
    QTRY_VERIFY(test.isClosed());
}

void tst_IncomingBody::refusesBrokenChunks()
{
    Fixture test;
    test.send(head("/take", "Transfer-Encoding: chunked\r\n") + "3\r\nabcX");
    QTRY_VERIFY(test.answer().startsWith("HTTP/1.1 400 "));
    QCOMPARE(test.seen.content, "abc"_ba);
    QVERIFY(test.answer().contains("Connection: close\r\n"));
    QTRY_VERIFY(test.isClosed());
}

void tst_IncomingBody::endsWhenTheClientLeaves_data()
{
    QTest::addColumn<bool>("resets");
    QTest::newRow("end of its stream") << false;
    QTest::newRow("reset") << true;
}

void tst_IncomingBody::endsWhenTheClientLeaves()
{
    QFETCH(bool, resets);
    Fixture test;
    test.send(head("/take", "Content-Length: 100\r\n") + "part");
    QTRY_COMPARE(test.seen.content, "part"_ba); // what came before is given
    if (resets) {
        const struct linger atOnce{ .l_onoff = 1, .l_linger = 0 };
        QCOMPARE(::setsockopt(int(test.client.socketDescriptor()), SOL_SOCKET, SO_LINGER, &atOnce, sizeof atOnce), 0);
    }
    test.client.abort();
    QTRY_VERIFY(test.seen.error.has_value());
    QTRY_COMPARE(test.server->figures().total(), 0);
}

void tst_IncomingBody::endsWhenTheClientIsTooSlow()
{
    Limits limits;
    limits.bodyTimeout = 300ms;
    Fixture test(limits);
    test.send(head("/take", "Content-Length: 1000000\r\n"));
    QTimer drip;
    connect(&drip, &QTimer::timeout, &test.client, [&test] { test.send("drop"); });
    drip.start(20ms);
    QTRY_VERIFY(test.answer().startsWith("HTTP/1.1 408 "));
    QVERIFY(test.seen.content.startsWith("drop"));
    QTRY_VERIFY(test.isClosed());
}

void tst_IncomingBody::aPausedHandlerIsNotTheClientsFault()
{
    Limits limits;
    limits.bodyTimeout = 300ms;
    Fixture test(limits);
    test.seen.left = 1;
    const QByteArray content = contentOf(4'000'000);
    test.send(head("/take", "Content-Length: 4000000\r\n") + content);
    QTRY_VERIFY(test.seen.resume.has_value());
    QTest::qWait(700); // beyond the deadline, which does not run meanwhile
    test.resume();
    QTRY_VERIFY(test.hasTaken(4'000'000));
    QVERIFY(test.seen.content == content);
}

void tst_IncomingBody::endsWhenItIsStopped()
{
    Fixture test;
    test.send(head("/take", "Content-Length: 100\r\n") + "part");
    QTRY_COMPARE(test.seen.content, "part"_ba);
    test.server->beginDrain();
    QCOMPARE(test.server->figures().busy, 1); // the drain waits for it
    test.server->stopRequests();
    QTRY_VERIFY(test.answer().startsWith("HTTP/1.1 503 "));
    QCOMPARE(test.seen.error->code(), Error::Code::Cancelled);
    QTRY_VERIFY(test.isClosed());
}

void tst_IncomingBody::otherRoutesGetItWhole()
{
    Fixture test;
    test.send(head("/whole", "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n"));
    QTRY_COMPARE(test.answer(), "HTTP/1.1 100 Continue\r\n\r\n"_ba);
    test.send(chunked("all of it", 4));
    QTRY_VERIFY(test.answer().endsWith("\r\n\r\nwhole"));
    QCOMPARE(test.seen.content, "all of it"_ba);
}

QTEST_GUILESS_MAIN(tst_IncomingBody)
#include "tst_incomingbody.moc"
