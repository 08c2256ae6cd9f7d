// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/exchange.h"
#include "server/http/httpserver.h"
#include "server/http/request.h"

#include <QFileInfo>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::http;

namespace {

/// Answers `/now` at once and keeps all others until it is told.
class Keeper final : public RequestHandler
{
public:
    void handle(Exchange &exchange) override
    {
        if (exchange.request.path() == "/now")
            return exchange.answer(Response::text("now"_ba));
        m_kept.append(&exchange);
        m_tokens.append(exchange.context().stop);
    }
    void answerAll()
    {
        for (Exchange *const exchange : std::exchange(m_kept, {}))
            exchange->answer(Response::text("later"_ba));
    }
    qsizetype kept() const { return m_kept.size(); }
    bool isStopped() const { return m_tokens.constFirst().stop_requested(); }

private:
    QList<Exchange *> m_kept;
    QList<std::stop_token> m_tokens;
};

QByteArray get(const QByteArray &path)
{
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

} // namespace

class tst_Listener : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsAddresses_data();
    void readsAddresses();
    void refusesWhatIsNoAddress_data();
    void refusesWhatIsNoAddress();
    void sharesOnePort();
    void saysThatAPortIsTaken();
    void replacesAStaleSocketFile();
    void keepsASocketFileInUse();
    void drains();
    void drainAnswersTheLastRequest();
    void drainTakesThoseWhoWait();
    void inheritsASocket();
    void inheritsOnlyWhatListens();
    void livesUntilTheAnswer();
    void believesTrustedProxiesOnly_data();
    void believesTrustedProxiesOnly();
    void countsConnections();
};

void tst_Listener::readsAddresses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("again");
    QTest::newRow("IPv4") << u"127.0.0.1:8420"_s << u"127.0.0.1:8420"_s;
    QTest::newRow("IPv6") << u"[::1]:0"_s << u"[::1]:0"_s;
    QTest::newRow("name") << u"localhost:80"_s << u"127.0.0.1:80"_s;
    QTest::newRow("all") << u"*:80"_s << u"*:80"_s;
    QTest::newRow("unix") << u"unix:/run/x.sock"_s << u"unix:/run/x.sock"_s;
}

void tst_Listener::readsAddresses()
{
    QFETCH(QString, text);
    QTEST(orThrow(ListenAddress::parse(text)).toString(), "again");
}

void tst_Listener::refusesWhatIsNoAddress_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : { "", "8420", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "::1:80",
                              "name.of.host:80", "unix:" })
        QTest::newRow(text) << QString::fromLatin1(text);
}

void tst_Listener::refusesWhatIsNoAddress()
{
    QFETCH(QString, text);
    const auto address = ListenAddress::parse(text);
    QVERIFY(!address);
    QCOMPARE(address.error().code(), Error::Code::InvalidArgument);
}

void tst_Listener::sharesOnePort()
{
    const auto sockets = orThrow(ListenSocket::open({}, 3));
    QCOMPARE(sockets.size(), size_t(3));
    QVERIFY(sockets[0].address().port != 0);
    QCOMPARE(sockets[2].address(), sockets[0].address());
}

void tst_Listener::saysThatAPortIsTaken()
{
    const auto sockets = orThrow(ListenSocket::open({}, 1));
    const auto second = ListenSocket::open(sockets[0].address(), 1);
    QVERIFY(!second);
    QCOMPARE(second.error().code(), Error::Code::Conflict);
    QVERIFY(second.error().message().contains(sockets[0].address().toString()));
}

void tst_Listener::replacesAStaleSocketFile()
{
    const QTemporaryDir directory;
    const ListenAddress address{ .host = {}, .unixPath = directory.filePath(u"s"_s) };
    const QByteArray path = address.unixPath.toLocal8Bit(), kept = path + ".kept";
    {
        auto dead = orThrow(ListenSocket::open(address, 1));
        // A second name keeps the file, as a crash would.
        QCOMPARE(::link(path.constData(), kept.constData()), 0);
    }
    QVERIFY(!QFileInfo::exists(address.unixPath)); // removed with its socket
    QCOMPARE(::rename(kept.constData(), path.constData()), 0);
    const auto sockets = orThrow(ListenSocket::open(address, 2, { .backlog = 16, .unixMode = 0600 }));
    struct stat found{};
    QCOMPARE(::stat(path.constData(), &found), 0);
    QCOMPARE(found.st_mode & 0777, 0600u);
}

void tst_Listener::keepsASocketFileInUse()
{
    const QTemporaryDir directory;
    const ListenAddress address{ .host = {}, .unixPath = directory.filePath(u"s"_s) };
    const auto sockets = orThrow(ListenSocket::open(address, 1));
    const auto second = ListenSocket::open(address, 1);
    QVERIFY(!second);
    QCOMPARE(second.error().code(), Error::Code::Conflict);
    QVERIFY(QFileInfo::exists(address.unixPath));
}

void tst_Listener::drains()
{
    Keeper keeper;
    HttpServer server(keeper, {});
    auto sockets = orThrow(ListenSocket::open({}, 1));
    const quint16 port = sockets[0].address().port;
    server.listenOn(std::move(sockets[0]));
    QTcpSocket idle, busy;
    idle.connectToHost(QHostAddress::LocalHost, port);
    busy.connectToHost(QHostAddress::LocalHost, port);
    idle.write(get("/now"));
    QTRY_VERIFY(idle.bytesAvailable() > 0);
    busy.write(get("/later"));
    QTRY_COMPARE(keeper.kept(), 1);
    QCOMPARE(server.figures().idle, 1);
    QCOMPARE(server.figures().busy, 1);

    server.beginDrain();
    QTRY_COMPARE(idle.state(), QAbstractSocket::UnconnectedState);
    QTcpSocket late;
    late.connectToHost(QHostAddress::LocalHost, port);
    QTRY_COMPARE(late.error(), QAbstractSocket::ConnectionRefusedError);
    QCOMPARE(server.figures().busy, 1);
    QCOMPARE(busy.state(), QAbstractSocket::ConnectedState);
    server.stopRequests();
    QVERIFY(keeper.isStopped());
    keeper.answerAll();
    QTRY_COMPARE(busy.state(), QAbstractSocket::UnconnectedState);
    const QByteArray answer = busy.readAll();
    QVERIFY2(answer.contains("Connection: close\r\n") && answer.endsWith("later"), answer.constData());
    QTRY_COMPARE(server.figures().total(), 0);
}

void tst_Listener::drainAnswersTheLastRequest()
{
    Keeper keeper;
    HttpServer server(keeper, {});
    auto sockets = orThrow(ListenSocket::open({}, 1));
    QTcpSocket kept, fresh;
    kept.connectToHost(QHostAddress::LocalHost, sockets[0].address().port);
    fresh.connectToHost(QHostAddress::LocalHost, sockets[0].address().port);
    server.listenOn(std::move(sockets[0]));
    kept.write(get("/now"));
    QTRY_VERIFY(kept.peek(4096).endsWith("now"));
    kept.readAll();
    QTRY_COMPARE(server.figures().idle, 2);

    server.beginDrain();
    for (QTcpSocket *const client : { &kept, &fresh }) {
        client->write(get("/now"));
        QTRY_COMPARE(client->state(), QAbstractSocket::UnconnectedState);
        const QByteArray answer = client->readAll();
        QVERIFY2(answer.contains("Connection: close\r\n") && answer.endsWith("now"), answer.constData());
    }
    QTRY_COMPARE(server.figures().total(), 0);
}

void tst_Listener::drainTakesThoseWhoWait()
{
    Keeper keeper;
    HttpServer server(keeper, {});
    auto sockets = orThrow(ListenSocket::open({}, 1));
    QTcpSocket client;
    client.connectToHost(QHostAddress::LocalHost, sockets[0].address().port);
    QVERIFY(client.waitForConnected()); // by the kernel alone
    client.write(get("/now"));
    QVERIFY(client.waitForBytesWritten());
    server.listenOn(std::move(sockets[0]));
    server.beginDrain();
    QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(client.error(), QAbstractSocket::RemoteHostClosedError);
    QVERIFY(client.readAll().endsWith("now"));
}

void tst_Listener::inheritsASocket()
{
    // Whoever it is that keeps the socket.
    ListenSocket outer = std::move(orThrow(ListenSocket::open({}, 1)).front());
    const int kept = int(outer.release());
    const quint16 port = outer.address().port;
    const auto asksNow = [](QTcpSocket &client) {
        QTRY_COMPARE(client.state(), QAbstractSocket::ConnectedState);
        client.write(get("/now"));
        QTRY_VERIFY(client.peek(4096).endsWith("now"));
    };
    QTcpSocket early, late;
    Keeper keeper;
    {
        auto sockets = orThrow(ListenSocket::inherit(::dup(kept), 2));
        QCOMPARE(sockets.size(), 2U);
        QCOMPARE(sockets[1].address(), outer.address());
        QVERIFY(sockets[0].isInherited());
        HttpServer server(keeper, {});
        server.listenOn(std::move(sockets[0]));
        early.connectToHost(QHostAddress::LocalHost, port);
        asksNow(early);
        server.beginDrain();
        late.connectToHost(QHostAddress::LocalHost, port);
        QTRY_COMPARE(late.state(), QAbstractSocket::ConnectedState); // and waits
        QTRY_COMPARE(early.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(server.figures().total(), 0);
    }
    HttpServer successor(keeper, {});
    successor.listenOn(std::move(orThrow(ListenSocket::inherit(kept, 1)).front()));
    asksNow(late);
}

void tst_Listener::inheritsOnlyWhatListens()
{
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    const auto inherited = ListenSocket::inherit(socket, 1);
    QVERIFY(!inherited);
    QCOMPARE(inherited.error().code(), Error::Code::InvalidArgument);
    QCOMPARE(::close(socket), 0); // it was left alone
}

void tst_Listener::livesUntilTheAnswer()
{
    Keeper keeper;
    QTcpSocket client;
    {
        HttpServer server(keeper, {});
        auto sockets = orThrow(ListenSocket::open({}, 1));
        client.connectToHost(QHostAddress::LocalHost, sockets[0].address().port);
        server.listenOn(std::move(sockets[0]));
        client.write(get("/later"));
        QTRY_COMPARE(keeper.kept(), 1);
    }
    QVERIFY(keeper.isStopped());
    QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(ChannelRegistry::ofThisThread().figures().busy, 1);
    keeper.answerAll(); // to a channel whose server has gone
    QTRY_COMPARE(ChannelRegistry::ofThisThread().figures().total(), 0);
}

void tst_Listener::believesTrustedProxiesOnly_data()
{
    QTest::addColumn<QString>("peer");
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QString>("client");
    const QByteArray x = "X-Forwarded-For", f = "Forwarded";
    QTest::newRow("stranger") << u"9.9.9.9"_s << x << "1.2.3.4"_ba << u"9.9.9.9"_s;
    QTest::newRow("proxy") << u"10.0.0.1"_s << x << "1.2.3.4"_ba << u"1.2.3.4"_s;
    QTest::newRow("what the client itself said") << u"10.0.0.1"_s << x << "6.6.6.6, 1.2.3.4"_ba << u"1.2.3.4"_s;
    QTest::newRow("two proxies") << u"10.0.0.1"_s << x << "6.6.6.6, 1.2.3.4, 10.0.0.2"_ba << u"1.2.3.4"_s;
    QTest::newRow("proxies only") << u"10.0.0.1"_s << x << "10.0.0.3, 10.0.0.2"_ba << u"10.0.0.3"_s;
    QTest::newRow("unreadable") << u"10.0.0.1"_s << x << "1.2.3.4, unknown"_ba << u"10.0.0.1"_s;
    QTest::newRow("with port") << u"10.0.0.1"_s << x << "1.2.3.4:55"_ba << u"1.2.3.4"_s;
    QTest::newRow("IPv6") << u"fd00::1"_s << x << "2001:db8::7"_ba << u"2001:db8::7"_s;
    QTest::newRow("standard") << u"10.0.0.1"_s << f << "for=6.6.6.6, proto=http;FOR=\"[2001:db8::7]:4711\""_ba
                              << u"2001:db8::7"_s;
    QTest::newRow("standard without for") << u"10.0.0.1"_s << f << "proto=https"_ba << u"10.0.0.1"_s;
}

void tst_Listener::believesTrustedProxiesOnly()
{
    QFETCH(QString, peer);
    QFETCH(QByteArray, field);
    QFETCH(QByteArray, value);
    const auto proxies = orThrow(TrustedProxies::parse({ u"10.0.0.0/8"_s, u"fd00::/8"_s }));
    const Request request = Request::get("/", { { field, value } });
    QTEST(proxies.clientOf(request, QHostAddress(peer)).toString(), "client");
    QVERIFY(!TrustedProxies::parse({ u"10.0.0.0/99"_s }));
    QVERIFY(!TrustedProxies().trusts(QHostAddress::LocalHost));
}

void tst_Listener::countsConnections()
{
    const auto counts = std::make_shared<ConnectionCounts>();
    Limits limits;
    limits.connections = 3;
    limits.connectionsPerAddress = 2;
    const QHostAddress a(u"192.0.2.1"_s), b(u"192.0.2.2"_s), c(u"2001:db8::1"_s), sameNetwork(u"2001:db8::2"_s);
    auto first = counts->tryAdd(a, limits);
    {
        const auto second = counts->tryAdd(a, limits);
        QVERIFY(first && second);
        QVERIFY(!counts->tryAdd(a, limits));
        const auto third = counts->tryAdd(b, limits);
        QVERIFY(third);
        QVERIFY(!counts->tryAdd(c, limits)); // the total
        QCOMPARE(counts->total(), 3);
        QCOMPARE(counts->refused(), 2u);
    }
    QCOMPARE(counts->total(), 1);
    limits.connections = 10;
    const auto one = counts->tryAdd(c, limits), two = counts->tryAdd(sameNetwork, limits);
    QVERIFY(one && two);
    QVERIFY(!counts->tryAdd(c, limits)); // a /64 counts as one
}

QTEST_GUILESS_MAIN(tst_Listener)
#include "tst_listener.moc"
