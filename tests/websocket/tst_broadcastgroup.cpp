// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/websocket/broadcastgroup.h"
#include "server/websocket/frame.h"
#include "server/websocket/framelog.h"
#include "server/websocket/wsendpoint.h"
#include "tests/websocket/rawclient.h"
#include "tests/websocket/testserver.h"

#include <QTest>

#include <thread>

using namespace godwit;
using namespace godwit::websocket;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using test::RawClient;

/// Two reactors; "join" and "leave" are what clients of /room say to the group, and it answers "ok". The others
/// broadcast and then, when that has been handed over, do something to the connection.
class tst_BroadcastGroup : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void reachesAllMembersInOneOrder();
    void keepsTheOrderWithWhatElseIsSent_data();
    void keepsTheOrderWithWhatElseIsSent();
    void closesWhoDoesNotRead();
    void leavesOutWhoIsNoMember();
    void forgetsWhoClosed();
    void mayDieBeforeItsMembers();
    void logSharesAndForgets();

private:
    static QByteArray message(int thread, int number)
    {
        return QByteArray::number(thread) + ':' + QByteArray::number(number);
    }
    http::Router makeRouter();
    void broadcastAnd(const QString &command, WsConnection &connection);
    std::unique_ptr<RawClient> join();
    void say(RawClient &client, const QByteArray &command);

    std::unique_ptr<BroadcastGroup> m_group;
    std::unique_ptr<test::TestServer> m_server;
};

http::Router tst_BroadcastGroup::makeRouter()
{
    http::Router router;
    router.webSocket("/room", [this](http::Exchange &exchange) {
        accept(exchange, { .closeTimeout = 100ms }, [this](WsConnection &connection) {
            connect(&connection, &WsConnection::textReceived, &connection, [this, &connection](const QString &text) {
                if (text == u"join")
                    m_group->join(connection);
                else if (text == u"leave")
                    m_group->leave(connection);
                else if (text != u"nothing")
                    return broadcastAnd(text, connection);
                connection.sendText("ok");
            });
        });
    });
    return router;
}

void tst_BroadcastGroup::broadcastAnd(const QString &command, WsConnection &connection)
{
    m_group->broadcast(textFrame("broadcast"));
    runtime::Reactor::current()->post([this, command, &connection] { // behind the broadcast, before the sending
        if (command == u"leave and send")
            m_group->leave(connection);
        if (command == u"close")
            connection.close(CloseCode::GoingAway);
        else
            connection.sendText("sent");
    });
}

void tst_BroadcastGroup::init()
{
    m_group = std::make_unique<BroadcastGroup>();
    m_server = std::make_unique<test::TestServer>(makeRouter(), 2);
}

void tst_BroadcastGroup::cleanup()
{
    m_server.reset();
    m_group.reset();
}

void tst_BroadcastGroup::say(RawClient &client, const QByteArray &command)
{
    client.send(RawClient::Text, command);
    QCOMPARE(client.readFrame().value_or(RawClient::Frame{}).payload, "ok"_ba);
}

std::unique_ptr<RawClient> tst_BroadcastGroup::join()
{
    auto client = std::make_unique<RawClient>(m_server->port());
    if (client->open("/room"))
        say(*client, "join");
    return client;
}

void tst_BroadcastGroup::reachesAllMembersInOneOrder()
{
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 100; ++i) // the kernel spreads them over both reactors: more than a slice for each
        clients.push_back(join());
    QCOMPARE(m_group->size(), 100);

    constexpr int perThread = 200;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([this, t] {
            for (int i = 0; i < perThread; ++i)
                m_group->broadcast(textFrame(message(t, i)));
        });
    for (std::thread &thread : threads)
        thread.join();

    QByteArrayList first;
    for (const auto &client : clients) {
        QByteArrayList received;
        while (received.size() < 3 * perThread) {
            const auto frame = client->readFrame();
            QVERIFY(frame);
            received.append(frame->payload);
        }
        if (first.isEmpty())
            first = received;
        QVERIFY(received == first);
    }
    for (int t = 0; t < 3; ++t) {
        QByteArrayList ofThread = first;
        ofThread.removeIf([t](const QByteArray &text) { return text[0] != '0' + t; });
        QCOMPARE(ofThread.size(), perThread);
        for (int i = 0; i < perThread; ++i)
            QCOMPARE(ofThread[i], message(t, i));
    }
}

void tst_BroadcastGroup::keepsTheOrderWithWhatElseIsSent_data()
{
    QTest::addColumn<quint8>("last");
    QTest::newRow("send") << quint8(RawClient::Text);
    QTest::newRow("leave and send") << quint8(RawClient::Text);
    QTest::newRow("close") << quint8(RawClient::Close);
}

void tst_BroadcastGroup::keepsTheOrderWithWhatElseIsSent()
{
    QFETCH(const quint8, last);
    const auto member = join(), other = join();
    member->send(RawClient::Text, QTest::currentDataTag());
    QCOMPARE(member->readFrame().value_or(RawClient::Frame{}).payload, "broadcast"_ba);
    QCOMPARE(member->readFrame().value_or(RawClient::Frame{}).opcode, last);
    QCOMPARE(other->readFrame().value_or(RawClient::Frame{}).payload, "broadcast"_ba);
}

void tst_BroadcastGroup::closesWhoDoesNotRead()
{
    std::vector<std::unique_ptr<RawClient>> readers;
    for (int i = 0; i < 3; ++i)
        readers.push_back(join());
    const auto sleeper = join();
    const QByteArray frame = binaryFrame(QByteArray(60'000, 'x'));
    qint64 most = 0;
    // What the kernel takes for it is its own affair; then a megabyte, then it is closed.
    for (int i = 0; m_group->size() == 4 && i < 10'000; ++i) {
        m_group->broadcast(frame);
        for (const auto &reader : readers)
            QCOMPARE(reader->readFrame().value_or(RawClient::Frame{}).payload.size(), 60'000);
        for (int reactor = 0; reactor < 2; ++reactor)
            m_server->reactors().at(reactor).call([&] { most = std::max(most, m_group->queuedBytesHere()); });
    }
    QCOMPARE(m_group->size(), 3);
    QVERIFY2(most < 2 * 1024 * 1024, QByteArray::number(most).constData());
}

void tst_BroadcastGroup::leavesOutWhoIsNoMember()
{
    const auto member = join(), gone = join();
    RawClient stranger(m_server->port());
    QVERIFY(stranger.open("/room"));
    say(*gone, "leave");
    QCOMPARE(m_group->size(), 1);
    m_group->broadcast(textFrame("hello"));
    QCOMPARE(member->readFrame().value_or(RawClient::Frame{}).payload, "hello"_ba);
    // Their next frame is the answer to what they say: nothing came before it.
    say(*gone, "leave");
    say(stranger, "nothing");
    say(stranger, "join");
    m_group->broadcast(textFrame("again"));
    QCOMPARE(stranger.readFrame().value_or(RawClient::Frame{}).payload, "again"_ba);
}

void tst_BroadcastGroup::forgetsWhoClosed()
{
    const auto stays = join();
    join()->abort();
    auto closes = join();
    closes->send(RawClient::Close, QByteArray::fromHex("03e8"));
    QTRY_COMPARE(m_group->size(), 1);
    m_group->broadcast(textFrame("hello"));
    QCOMPARE(stays->readFrame().value_or(RawClient::Frame{}).payload, "hello"_ba);
}

void tst_BroadcastGroup::mayDieBeforeItsMembers()
{
    const auto member = join();
    for (int i = 0; i < 100; ++i)
        m_group->broadcast(textFrame("x"));
    m_group.reset();
    member->send(RawClient::Close, QByteArray::fromHex("03e8"));
    QVERIFY(member->waitForEnd());
    QTRY_COMPARE(openConnections(), 0);
}

void tst_BroadcastGroup::logSharesAndForgets()
{
    FrameLog log;
    log.append("to nobody");
    qint64 one = log.addReader(), two = log.addReader(), three = log.addReader();
    log.append("ab");
    QCOMPARE(log.take(one), "ab"_ba);
    QCOMPARE(log.take(one), QByteArray());
    log.append("c");
    log.append("d");
    const QByteArray second = log.take(two), third = log.take(three);
    QCOMPARE(second, "abcd"_ba);
    QCOMPARE(third.constData(), second.constData());
    QCOMPARE(log.size(), 4);
    QCOMPARE(log.take(one), "cd"_ba);
    QCOMPARE(log.size(), 0); // all have it
    log.append("e");
    log.removeReader(one);
    QCOMPARE(log.take(two), "e"_ba);
    log.removeReader(three); // behind, and gone
    QCOMPARE(log.size(), 0);
}

QTEST_GUILESS_MAIN(tst_BroadcastGroup)
#include "tst_broadcastgroup.moc"
