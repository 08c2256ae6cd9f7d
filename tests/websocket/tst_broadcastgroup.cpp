// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/websocket/broadcastgroup.h"
#include "server/websocket/frame.h"
#include "server/websocket/wsendpoint.h"
#include "tests/websocket/rawclient.h"
#include "tests/websocket/testserver.h"

#include <QTest>

#include <thread>

using namespace godwit;
using namespace godwit::websocket;
using namespace Qt::StringLiterals;
using test::RawClient;

/// Two reactors; "join" and "leave" are what clients of /room say to the group, and it answers "ok".
class tst_BroadcastGroup : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void reachesAllMembersInOneOrder();
    void leavesOutWhoIsNoMember();
    void forgetsWhoClosed();
    void mayDieBeforeItsMembers();

private:
    static QByteArray message(int thread, int number)
    {
        return QByteArray::number(thread) + ':' + QByteArray::number(number);
    }
    http::Router makeRouter();
    std::unique_ptr<RawClient> join();
    void say(RawClient &client, const QByteArray &command);

    std::unique_ptr<BroadcastGroup> m_group;
    std::unique_ptr<test::TestServer> m_server;
};

http::Router tst_BroadcastGroup::makeRouter()
{
    http::Router router;
    router.webSocket("/room", [this](http::Exchange &exchange) {
        accept(exchange, {}, [this](WsConnection &connection) {
            connect(&connection, &WsConnection::textReceived, &connection, [this, &connection](const QString &text) {
                if (text == u"join")
                    m_group->join(connection);
                else if (text == u"leave")
                    m_group->leave(connection);
                connection.sendText("ok");
            });
        });
    });
    return router;
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
    for (int i = 0; i < 16; ++i) // the kernel spreads them over both reactors
        clients.push_back(join());
    QCOMPARE(m_group->size(), 16);

    constexpr int perThread = 500;
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

QTEST_GUILESS_MAIN(tst_BroadcastGroup)
#include "tst_broadcastgroup.moc"
