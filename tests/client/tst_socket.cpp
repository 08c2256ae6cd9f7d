// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/socket.h"
#include "tests/support/fakeserver.h"

#include <QCryptographicHash>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using client::ConnectionOptions;
using client::ConnectionState;
using client::Socket;
using test::FakeServer;
using Phase = ConnectionState::Phase;
using std::chrono::milliseconds;

class tst_Socket : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void sendsAndReceives();
    void sendsTheHeaders();
    void speaksWhatBothKnow();
    void waitsForAServerThatKnowsNoneOfIt();
    void comesBackAfterACut();
    void outboxGoesOutInOrder();
    void outboxIsBounded();
    void waitsAsTheBackoffSays();
    void closeCodes_data();
    void closeCodes();
    void refusedHandshake();
    void noAnswerToTheHandshake();
    void silenceIsTakenForDeath();
    void pongsKeepItAlive();
    void stopClosesWithGoingAway();

private:
    std::unique_ptr<Socket> socket(ConnectionOptions options);
    void watch(Socket &link);
    ConnectionOptions quick() const;

    std::unique_ptr<FakeServer> m_server;
    QList<QPointer<QWebSocket>> m_peers;
    QStringList m_texts;
    struct Wait
    {
        ConnectionState state;
        milliseconds delay;
    };
    QList<Wait> m_waits; // each time that it began to wait
    ManualClock m_clock;
};

void tst_Socket::init()
{
    m_peers.clear();
    m_texts.clear();
    m_waits.clear();
    m_server = std::make_unique<FakeServer>();
    m_server->onSocket(u"/ws"_s, [this](QWebSocket &peer) {
        m_peers.append(&peer);
        connect(&peer, &QWebSocket::textMessageReceived, this, [this](const QString &text) { m_texts.append(text); });
    });
}

ConnectionOptions tst_Socket::quick() const
{
    ConnectionOptions options;
    options.backoff = { .first = 20ms, .maximum = 400ms, .minimum = 10ms, .random = [] { return 1.0; } };
    options.clock = &m_clock;
    return options;
}

std::unique_ptr<Socket> tst_Socket::socket(ConnectionOptions options)
{
    QUrl url = m_server->url();
    url.setPath(u"/ws"_s);
    QNetworkRequest request(url);
    request.setRawHeader("Authorization"_ba, "Bearer t"_ba);
    auto made = std::make_unique<Socket>(request, std::move(options));
    watch(*made);
    return made;
}

void tst_Socket::watch(Socket &link)
{
    connect(&link, &Socket::stateChanged, this, [this](const ConnectionState &state) {
        if (state.phase == Phase::Waiting)
            m_waits.append({ state, std::chrono::duration_cast<milliseconds>(state.until - m_clock.now()) });
    });
}

void tst_Socket::sendsAndReceives()
{
    const auto link = socket(quick());
    QSignalSpy received(link.get(), &Socket::received);
    link->start();
    QCOMPARE(link->state().phase, Phase::Connecting);
    QTRY_VERIFY(link->isOnline());
    QVERIFY(link->send(u"to the server"_s));
    QTRY_COMPARE(m_texts, QStringList{ u"to the server"_s });
    m_peers.first()->sendTextMessage(u"to the client"_s);
    QTRY_COMPARE(received.count(), 1);
    QCOMPARE(received.first().first().toString(), u"to the client"_s);
}

void tst_Socket::sendsTheHeaders()
{
    const auto link = socket(quick());
    link->start();
    QTRY_COMPARE(m_peers.size(), 1);
    QCOMPARE(m_peers.first()->request().rawHeader("Authorization"_ba), "Bearer t"_ba);
}

void tst_Socket::speaksWhatBothKnow()
{
    m_server->setSubprotocols({ u"old"_s, u"new"_s });
    const auto link = socket(quick());
    link->setSubprotocols({ u"newest"_s, u"new"_s });
    link->start();
    QTRY_VERIFY(link->isOnline());
    QTRY_COMPARE(m_peers.size(), 1);
    QCOMPARE(m_peers.first()->subprotocol(), u"new"_s);
}

void tst_Socket::waitsForAServerThatKnowsNoneOfIt()
{
    const auto link = socket(quick());
    link->setSubprotocols({ u"new"_s });
    link->start();
    QTRY_COMPARE(m_waits.size(), 1);
    QCOMPARE(m_waits.first().delay, 400ms);
    QVERIFY(m_waits.first().state.reason.contains("new"_L1));
    QVERIFY(!link->isOnline());
}

void tst_Socket::comesBackAfterACut()
{
    const auto link = socket(quick());
    link->start();
    QTRY_VERIFY(link->isOnline());
    m_server->cutAll();
    QTRY_COMPARE(m_waits.size(), 1);
    QCOMPARE(m_waits.first().state.reason, u"The connection was lost"_s);
    QTRY_COMPARE(m_peers.size(), 2);
    QTRY_VERIFY(link->isOnline());
}

void tst_Socket::outboxGoesOutInOrder()
{
    m_server->stop();
    const auto link = socket(quick());
    link->start();
    for (const QString &text : { u"1"_s, u"2"_s, u"3"_s })
        QVERIFY(link->send(text));
    QCOMPARE(link->outbox().size(), 3);
    m_server->resume();
    QTRY_COMPARE(m_texts, (QStringList{ u"1"_s, u"2"_s, u"3"_s }));
    QVERIFY(link->outbox().isEmpty());
}

void tst_Socket::outboxIsBounded()
{
    const auto link = socket(quick());
    for (qsizetype i = 0; i < Socket::outboxLimit; ++i)
        QVERIFY(link->send(QString::number(i)));
    QVERIFY(!link->send(u"one too many"_s));
    QCOMPARE(link->outbox().size(), Socket::outboxLimit);
    link->clearOutbox();
    QVERIFY(link->send(u"room again"_s));
}

void tst_Socket::waitsAsTheBackoffSays()
{
    m_server->stop();
    const auto link = socket(quick());
    link->start();
    QTRY_VERIFY(m_waits.size() >= 4);
    QList<milliseconds> delays;
    for (const Wait &wait : m_waits.first(4))
        delays.append(wait.delay);
    QCOMPARE(delays, (QList<milliseconds>{ 20ms, 40ms, 80ms, 160ms }));
    QVERIFY(!m_waits.first().state.reason.isEmpty());
}

void tst_Socket::closeCodes_data()
{
    QTest::addColumn<QWebSocketProtocol::CloseCode>("code");
    QTest::addColumn<Phase>("phase");
    QTest::addColumn<std::chrono::milliseconds>("delay");
    QTest::addColumn<QString>("reason");
    QTest::newRow("1000 is the end") << QWebSocketProtocol::CloseCodeNormal << Phase::Ended << 0ms << u"because"_s;
    QTest::newRow("1001 comes back") << QWebSocketProtocol::CloseCodeGoingAway << Phase::Waiting << 20ms
                                     << u"because"_s;
    QTest::newRow("1001 says when") << QWebSocketProtocol::CloseCodeGoingAway << Phase::Waiting << 70ms
                                    << u"restarting; come back in 0.07 s"_s;
    QTest::newRow("1008 waits longest") << QWebSocketProtocol::CloseCodePolicyViolated << Phase::Waiting << 400ms
                                        << u"because"_s;
    QTest::newRow("1013 comes back") << QWebSocketProtocol::CloseCode(1013) << Phase::Waiting << 20ms
                                     << u"The connection was lost"_s; // a code that Qt does not know
}

void tst_Socket::closeCodes()
{
    QFETCH(QWebSocketProtocol::CloseCode, code);
    QFETCH(Phase, phase);
    QFETCH(std::chrono::milliseconds, delay);
    QFETCH(QString, reason);
    const auto link = socket(quick());
    link->start();
    QTRY_VERIFY(link->isOnline());
    m_peers.first()->close(code, code == QWebSocketProtocol::CloseCode(1013) ? u"because"_s : reason);
    if (phase == Phase::Waiting) {
        QTRY_COMPARE(m_waits.size(), 1);
        QCOMPARE(m_waits.first().delay, delay);
        QCOMPARE(m_waits.first().state.reason, reason);
    } else {
        QTRY_COMPARE(link->state().phase, phase);
        QCOMPARE(link->state().reason, reason);
    }
}

void tst_Socket::refusedHandshake()
{
    QTcpServer plain;
    QVERIFY(plain.listen(QHostAddress::LocalHost));
    connect(&plain, &QTcpServer::newConnection, this, [&plain] {
        QTcpSocket *peer = plain.nextPendingConnection();
        connect(peer, &QTcpSocket::readyRead, peer, [peer] {
            peer->readAll();
            peer->write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            peer->disconnectFromHost();
        });
    });
    Socket link(QNetworkRequest(QUrl(u"ws://127.0.0.1:%1/ws"_s.arg(plain.serverPort()))), quick());
    watch(link);
    link.start();
    QTRY_VERIFY(!m_waits.isEmpty());
    const QString reason = m_waits.first().state.reason; // Qt's words, which since 6.6 are of the challenge
    QVERIFY2(reason.contains(u"401"_s) || reason.contains(u"WWW-Authenticate"_s), qUtf8Printable(reason));
}

void tst_Socket::noAnswerToTheHandshake()
{
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    ConnectionOptions options = quick();
    options.connectTimeout = 60ms;
    Socket link(QNetworkRequest(QUrl(u"ws://127.0.0.1:%1/ws"_s.arg(silent.serverPort()))), options);
    watch(link);
    link.start();
    QTRY_VERIFY(!m_waits.isEmpty());
    QCOMPARE(m_waits.first().state.reason, u"No answer from the server"_s);
}

/// Answers the handshake (RFC 6455, 4.2.2) and nothing after it.
static void shakeHandsOnly(QTcpSocket &peer)
{
    const QByteArrayList lines = peer.readAll().split('\n');
    for (const QByteArray &line : lines) {
        if (!line.toLower().startsWith("sec-websocket-key:"_ba))
            continue;
        const QByteArray key = line.sliced(line.indexOf(':') + 1).trimmed() + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"_ba;
        peer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: "_ba
                   + QCryptographicHash::hash(key, QCryptographicHash::Sha1).toBase64() + "\r\n\r\n"_ba);
    }
}

void tst_Socket::silenceIsTakenForDeath()
{
    QTcpServer frozen;
    QVERIFY(frozen.listen(QHostAddress::LocalHost));
    int connections = 0;
    connect(&frozen, &QTcpServer::newConnection, this, [&] {
        ++connections;
        QTcpSocket *peer = frozen.nextPendingConnection();
        connect(peer, &QTcpSocket::readyRead, peer, [peer] { shakeHandsOnly(*peer); });
    });
    ConnectionOptions options = quick();
    options.silence = 90ms;
    Socket link(QNetworkRequest(QUrl(u"ws://127.0.0.1:%1/ws"_s.arg(frozen.serverPort()))), options);
    watch(link);
    link.start();
    QTRY_VERIFY(link.isOnline());
    QTRY_VERIFY(!m_waits.isEmpty());
    QCOMPARE(m_waits.first().state.reason, u"The server has gone silent"_s);
    QTRY_VERIFY(connections >= 2);
}

void tst_Socket::pongsKeepItAlive()
{
    ConnectionOptions options = quick();
    options.silence = 300ms;
    const auto link = socket(options);
    QSignalSpy states(link.get(), &Socket::stateChanged);
    link->start();
    QTRY_VERIFY(link->isOnline());
    states.clear();
    QVERIFY(!states.wait(900)); // three times the silence
    QVERIFY(link->isOnline());
}

void tst_Socket::stopClosesWithGoingAway()
{
    const auto link = socket(quick());
    link->start();
    QTRY_COMPARE(m_peers.size(), 1);
    QTRY_VERIFY(link->isOnline());
    std::optional<QWebSocketProtocol::CloseCode> code;
    connect(m_peers.first(), &QWebSocket::disconnected, this, [&] { code = m_peers.first()->closeCode(); });
    link->stop();
    QCOMPARE(link->state().phase, Phase::Offline);
    QTRY_VERIFY(code.has_value());
    QCOMPARE(*code, QWebSocketProtocol::CloseCodeGoingAway);
}

QTEST_GUILESS_MAIN(tst_Socket)
#include "tst_socket.moc"
