// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/websocket/frame.h"
#include "server/websocket/wsendpoint.h"
#include "shared/protocol/comeback.h"
#include "tests/websocket/rawclient.h"
#include "tests/websocket/testserver.h"

#include <QDir>
#include <QTest>

using namespace godwit;
using namespace godwit::websocket;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using test::RawClient;

namespace {

constexpr qint64 smallQueue = 128 * 1024;

qsizetype openDescriptors()
{
    return QDir(u"/proc/self/fd"_s).entryList(QDir::NoDotAndDotDot | QDir::System | QDir::Files).size();
}

} // namespace

/// Each test function has one connection, whose server end is m_connection: touched on the reactor only.
class tst_WsConnection : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void echoesTextAndBytes();
    void joinsFragments();
    void answersPings();
    void closesForWhatIsTooLarge_data();
    void closesForWhatIsTooLarge();
    void closesForAnUnmaskedFrame();
    void tellsWhyThePeerClosed();
    void tellsOfAConnectionThatWasCut();
    void sendsItsReason();
    void sendsNothingAfterTheCloseFrame();
    void takesNothingAfterTheCloseFrame();
    void closesASlowConsumerAndForgetsIt();
    void keepsTheNewestForASlowConsumer();
    void stopsReading();
    void boundsTheAnswersToAFloodOfPings();
    void givesUpOnAPeerWithoutPongs();
    void keepsAPeerWithPongs();
    void drainsWith1001();
    void leavesNothingBehind();

private:
    http::Router makeRouter();
    void opened(WsConnection &connection);
    void onServer(const std::function<void(WsConnection &)> &work)
    {
        m_server->onReactor([&] { work(*m_connection); });
    }

    std::unique_ptr<test::TestServer> m_server;
    QPointer<WsConnection> m_connection;
    std::atomic<int> m_closeCode = 0;
    std::atomic<int> m_received = 0;
    QString m_closeReason;
};

http::Router tst_WsConnection::makeRouter()
{
    const auto route = [this](EndpointOptions options) {
        return [this, options](http::Exchange &exchange) {
            accept(exchange, options, [this](WsConnection &connection) { opened(connection); });
        };
    };
    http::Router router;
    router.webSocket("/echo", route({}));
    router.webSocket("/slow", route({ .queueBytes = smallQueue, .closeTimeout = 100ms }));
    router.webSocket("/newest", route({ .queueBytes = smallQueue, .overflow = Overflow::KeepNewest }));
    router.webSocket("/pings", route({ .pingInterval = 40ms }));
    return router;
}

void tst_WsConnection::opened(WsConnection &connection)
{
    m_connection = &connection;
    connect(&connection, &WsConnection::textReceived, &connection, [this, &connection](const QString &text) {
        ++m_received;
        connection.sendText(text.size() > 100 ? QByteArray::number(text.size()) : text.toUtf8());
    });
    connect(&connection, &WsConnection::binaryReceived, &connection, &WsConnection::sendBinary);
    connect(&connection, &WsConnection::closed, &connection, [this](CloseCode code, const QString &reason) {
        m_closeReason = reason;
        m_closeCode = int(code);
    });
}

void tst_WsConnection::init()
{
    m_server.reset();
    m_server = std::make_unique<test::TestServer>(makeRouter());
    m_closeCode = 0;
    m_received = 0;
}

void tst_WsConnection::echoesTextAndBytes()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/echo"));
    client.send(RawClient::Text, "gr\xc3\xbc\xc3\x9f");
    auto frame = client.readFrame();
    QVERIFY(frame);
    QCOMPARE(frame->opcode, quint8(RawClient::Text));
    QCOMPARE(frame->payload, "gr\xc3\xbc\xc3\x9f"_ba);
    client.send(RawClient::Binary, QByteArray(60'000, '\0'));
    frame = client.readFrame();
    QVERIFY(frame);
    QCOMPARE(frame->opcode, quint8(RawClient::Binary));
    QCOMPARE(frame->payload, QByteArray(60'000, '\0'));
}

void tst_WsConnection::joinsFragments()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/echo"));
    client.send(RawClient::Text, "a", RawClient::Mask::Yes, false);
    client.send(RawClient::Ping, "between");
    client.send(RawClient::Continuation, "b");
    QCOMPARE(client.readFrame().value_or(RawClient::Frame{}).opcode, quint8(RawClient::Pong));
    QCOMPARE(client.readFrame().value_or(RawClient::Frame{}).payload, "ab"_ba);
}

void tst_WsConnection::answersPings()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/echo"));
    client.send(RawClient::Ping, "p");
    const auto frame = client.readFrame();
    QVERIFY(frame);
    QCOMPARE(frame->opcode, quint8(RawClient::Pong));
    QCOMPARE(frame->payload, "p"_ba);
}

void tst_WsConnection::closesForWhatIsTooLarge_data()
{
    QTest::addColumn<int>("fragmentBytes");
    QTest::addColumn<int>("fragments");
    QTest::addColumn<bool>("fits");
    QTest::newRow("the largest frame") << 64 * 1024 << 1 << true;
    QTest::newRow("a larger frame") << 64 * 1024 + 1 << 1 << false;
    QTest::newRow("the largest message") << 64 * 1024 << 4 << true;
    QTest::newRow("a larger message") << 60'000 << 5 << false;
}

void tst_WsConnection::closesForWhatIsTooLarge()
{
    QFETCH(int, fragmentBytes);
    QFETCH(int, fragments);
    QFETCH(bool, fits);
    RawClient client(m_server->port());
    QVERIFY(client.open("/echo"));
    for (int i = 0; i < fragments; ++i)
        client.send(i == 0 ? RawClient::Text : RawClient::Continuation, QByteArray(fragmentBytes, 'x'),
                    RawClient::Mask::Yes, i == fragments - 1);
    const auto frame = client.readFrame();
    QVERIFY(frame);
    if (fits)
        QCOMPARE(frame->payload, QByteArray::number(fragmentBytes * fragments));
    else
        QCOMPARE(frame->closeCode(), int(CloseCode::MessageTooBig));
}

void tst_WsConnection::closesForAnUnmaskedFrame()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/echo"));
    client.send(RawClient::Text, "masked");
    QVERIFY(client.readFrame());
    client.send(RawClient::Text, "not masked", RawClient::Mask::No);
    const auto frame = client.readFrame();
    QVERIFY(frame);
    QCOMPARE(frame->opcode, quint8(RawClient::Close));
    QCOMPARE(frame->closeCode(), int(CloseCode::ProtocolError));
    QVERIFY(client.waitForEnd());
    QCOMPARE(m_received.load(), 1);
}

void tst_WsConnection::tellsWhyThePeerClosed()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/echo"));
    client.send(RawClient::Close, QByteArray::fromHex("03e9") + "moved on");
    QCOMPARE(client.readFrame().value_or(RawClient::Frame{}).closeCode(), 1001);
    QVERIFY(client.waitForEnd());
    QTRY_COMPARE(m_closeCode.load(), 1001);
    QCOMPARE(m_closeReason, u"moved on"_s);
}

void tst_WsConnection::tellsOfAConnectionThatWasCut()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/echo"));
    client.abort();
    QTRY_COMPARE(m_closeCode.load(), int(CloseCode::Abnormal));
    QTRY_COMPARE(openConnections(), 0);
}

void tst_WsConnection::sendsItsReason()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/echo"));
    onServer(
        [](WsConnection &connection) { connection.closeFor({ Error::Code::FailedValidation, u"ä"_s.repeated(100) }); });
    const auto frame = client.readFrame();
    QVERIFY(frame);
    QCOMPARE(frame->closeCode(), int(CloseCode::PolicyViolation));
    QCOMPARE(QString::fromUtf8(frame->closeReason()), u"ä"_s.repeated(61)); // 123 bytes at most
    QVERIFY(client.waitForEnd());
    QTRY_COMPARE(m_closeCode.load(), int(CloseCode::PolicyViolation));
}

void tst_WsConnection::sendsNothingAfterTheCloseFrame()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/echo"));
    onServer([](WsConnection &connection) {
        connection.sendText("before");
        connection.close(CloseCode::Normal);
        connection.sendText("after");
        connection.close(CloseCode::InternalError);
    });
    QCOMPARE(client.readFrame().value_or(RawClient::Frame{}).payload, "before"_ba);
    QCOMPARE(client.readFrame().value_or(RawClient::Frame{}).closeCode(), int(CloseCode::Normal));
    QVERIFY(!client.readFrame());
}

void tst_WsConnection::takesNothingAfterTheCloseFrame()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/echo"));
    client.sendBytes(RawClient::frameBytes(RawClient::Text, "before")
                     + RawClient::frameBytes(RawClient::Close, QByteArray::fromHex("03e8"))
                     + RawClient::frameBytes(RawClient::Text, "after"));
    QCOMPARE(client.readFrame().value_or(RawClient::Frame{}).payload, "before"_ba);
    QCOMPARE(client.readFrame().value_or(RawClient::Frame{}).closeCode(), int(CloseCode::Normal));
    QVERIFY(client.waitForEnd());
    QTRY_COMPARE(m_closeCode.load(), int(CloseCode::Normal));
    QCOMPARE(m_received.load(), 1);
}

void tst_WsConnection::closesASlowConsumerAndForgetsIt()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/slow"));
    constexpr qint64 batch = 16 * 1024;
    const QByteArray frame = binaryFrame(QByteArray(batch, 'x'));
    qint64 most = 0;
    bool isOpen = true;
    // Never reads: what the kernel takes is its own affair, what we hold is ours.
    for (int i = 0; isOpen && i < 10'000; ++i)
        onServer([&](WsConnection &connection) {
            connection.sendFrames(frame);
            most = std::max(most, connection.queuedBytes());
            isOpen = connection.isOpen();
        });
    QVERIFY(!isOpen);
    QVERIFY2(most <= smallQueue + 2 * batch, QByteArray::number(most).constData());
    QTRY_COMPARE(openConnections(), 0); // although the client still does not read: the deadline of close()
    QCOMPARE(m_closeCode.load(), int(CloseCode::TryAgainLater));
}

void tst_WsConnection::keepsTheNewestForASlowConsumer()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/newest"));
    constexpr int count = 1'000;
    qint64 dropped = 0;
    onServer([&](WsConnection &connection) {
        for (int i = 1; i <= count; ++i)
            connection.sendText(QByteArray::number(i).rightJustified(1'000, ' '));
        dropped = connection.droppedMessages();
    });
    QVERIFY(dropped > 0);
    int last = 0, received = 0;
    while (last < count) {
        const auto frame = client.readFrame();
        QVERIFY2(frame, "the newest never came");
        const int number = frame->payload.trimmed().toInt();
        QVERIFY(number > last);
        last = number;
        ++received;
    }
    QCOMPARE(received, count - int(dropped));
    client.send(RawClient::Text, "still open");
    QCOMPARE(client.readFrame().value_or(RawClient::Frame{}).payload, "still open"_ba);
}

void tst_WsConnection::stopsReading()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/echo"));
    onServer([](WsConnection &connection) { connection.setReading(false); });
    client.send(RawClient::Text, "1");
    QVERIFY(!client.readFrame(100));
    QCOMPARE(m_received.load(), 0);
    onServer([](WsConnection &connection) { connection.setReading(true); });
    QCOMPARE(client.readFrame().value_or(RawClient::Frame{}).payload, "1"_ba);
}

void tst_WsConnection::boundsTheAnswersToAFloodOfPings()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/echo"));
    client.socket().setReadBufferSize(1024);
    const qint64 most = qint64(64) * 1024 * 1024;
    const QByteArray payload(125, 'p');
    QByteArray pings;
    while (pings.size() < 64 * 1024)
        pings += RawClient::frameBytes(RawClient::Ping, payload);
    qint64 sent = 0;
    while (sent < most) { // the server stops reading long before
        client.socket().write(pings);
        sent += pings.size();
        if (!client.socket().waitForBytesWritten(1'000))
            break;
    }
    QVERIFY(sent < most);
    qint64 queued = 0;
    onServer([&](WsConnection &connection) { queued = connection.queuedBytes(); });
    QVERIFY2(queued > 0 && queued < 3 * 1024 * 1024, qPrintable(QString::number(queued)));
    client.socket().setReadBufferSize(0);
    // Whoever reads gets all answers, and is read again.
    for (qint64 i = 0; i < sent / (6 + payload.size()); ++i)
        QCOMPARE(client.readFrame().value_or(RawClient::Frame{}).payload, payload);
    client.send(RawClient::Text, "still here");
    QCOMPARE(client.readFrame().value_or(RawClient::Frame{}).payload, "still here"_ba);
}

void tst_WsConnection::givesUpOnAPeerWithoutPongs()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/pings"));
    for (int i = 0; i < 2; ++i)
        QCOMPARE(client.readFrame().value_or(RawClient::Frame{}).opcode, quint8(RawClient::Ping));
    QVERIFY(client.waitForEnd(1'000));
    QTRY_COMPARE(m_closeCode.load(), int(CloseCode::Abnormal));
    QCOMPARE(m_closeReason, u"no answer to 2 pings"_s);
}

void tst_WsConnection::keepsAPeerWithPongs()
{
    RawClient client(m_server->port());
    QVERIFY(client.open("/pings"));
    for (int i = 0; i < 6; ++i) {
        const auto frame = client.readFrame();
        QVERIFY(frame);
        QCOMPARE(frame->opcode, quint8(RawClient::Ping));
        client.send(RawClient::Pong, frame->payload);
    }
    QCOMPARE(openConnections(), 1);
}

void tst_WsConnection::drainsWith1001()
{
    RawClient one(m_server->port()), two(m_server->port()), late(m_server->port());
    QVERIFY(one.open("/echo"));
    QVERIFY(two.open("/echo"));
    m_server->drainWebSockets();
    for (RawClient *const client : { &one, &two }) {
        const auto frame = client->readFrame().value_or(RawClient::Frame{});
        QCOMPARE(frame.closeCode(), int(CloseCode::GoingAway));
        const auto time = protocol::comeBackTimeOf(QString::fromUtf8(frame.payload.mid(2)));
        QVERIFY(time >= protocol::earliestComeBack && time <= protocol::latestComeBack);
    }
    QVERIFY(one.waitForEnd());
    QVERIFY(two.waitForEnd());
    QVERIFY(late.open("/echo")); // to be told the same
    QCOMPARE(late.readFrame().value_or(RawClient::Frame{}).closeCode(), int(CloseCode::GoingAway));
    QVERIFY(late.waitForEnd());
    QTRY_COMPARE(openConnections(), 0);
}

void tst_WsConnection::leavesNothingBehind()
{
    const auto cycle = [this](int i) {
        RawClient client(m_server->port());
        QVERIFY(client.open("/echo"));
        if (i % 4 == 0)
            client.send(RawClient::Close, QByteArray::fromHex("03e8"));
        else if (i % 4 == 1)
            client.send(RawClient::Text, "x");
        else if (i % 4 == 2)
            client.abort();
    };
    for (int i = 0; i < 8; ++i)
        cycle(i);
    QTRY_COMPARE(openConnections(), 0);
    const qsizetype descriptors = openDescriptors();
    for (int i = 0; i < 1'000; ++i)
        cycle(i);
    QTRY_COMPARE(openConnections(), 0);
    QTRY_COMPARE(openDescriptors(), descriptors);
    m_server->onReactor([] {
        // Neither connections nor handshakes are left as children.
        QCOMPARE(ReactorSockets::ofThisThread().size(), size_t(0));
        QCOMPARE(ReactorSockets::ofThisThread().children().size(), 0);
    });
}

QTEST_GUILESS_MAIN(tst_WsConnection)
#include "tst_wsconnection.moc"
