// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/endpoints.h"
#include "server/chat/service.h"
#include "server/db/migrations.h"
#include "tests/support/knowncaller.h"
#include "tests/support/waiting.h"
#include "tests/websocket/rawclient.h"
#include "tests/websocket/testserver.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace godwit;
using namespace Qt::StringLiterals;
using test::RawClient;

template<class T>
QCoro::Task<T> answer(async::OneShot<T> result)
{
    co_return co_await std::move(result);
}

/// The whole way: socket, writer, disk, broadcast, sockets.
class tst_ChatSocket : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void everyoneGetsEveryMessageInOrder();
    void roomsAreApart();
    void aMessageIsStoredBeforeItIsSeen();
    void refusesBadNamesBeforeTheUpgrade_data();
    void refusesBadNamesBeforeTheUpgrade();
    void closesForBadMessages_data();
    void closesForBadMessages();
    void takesAFloodWithoutLoss();
    void storesWhatALeavingClientSent();
    void showsRoomsAndHistory();
    void theRoomsThatSomeoneIsInAreKnown();

private:
    std::unique_ptr<RawClient> join(const QByteArray &room, const QByteArray &user);
    static QJsonObject read(RawClient &client)
    {
        return QJsonDocument::fromJson(client.readFrame().value_or(RawClient::Frame{}).payload).object();
    }
    QJsonObject get(const QByteArray &target)
    {
        RawClient client(m_server->port());
        client.request(target, {});
        client.readAnswer();
        return QJsonDocument::fromJson(client.answerBody()).object();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<db::Pool> m_pool;
    std::unique_ptr<log::EventLog> m_events;
    std::unique_ptr<chat::Service> m_service;
    std::shared_ptr<chat::LiveRooms> m_rooms; // shared with the routes and the publisher
    std::unique_ptr<test::TestServer> m_server;
};

void tst_ChatSocket::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_pool = std::make_unique<db::Pool>(db::Options{ .file = m_folder->filePath(u"chat.db"_s) });
    db::migrate(*m_pool);
    m_events = std::make_unique<log::EventLog>(*m_pool);
    m_service = std::make_unique<chat::Service>(*m_pool, *m_events);
    m_rooms = std::make_shared<chat::LiveRooms>();
    http::Router router;
    chat::registerEndpoints(router, *m_service, m_rooms);
    m_server
        = std::make_unique<test::TestServer>(std::move(router), 2, http::ListenOptions{}, test::KnownCaller::layers());
}

void tst_ChatSocket::cleanup()
{
    m_server.reset();
    m_service.reset();
    m_events.reset();
    m_pool.reset();
}

std::unique_ptr<RawClient> tst_ChatSocket::join(const QByteArray &room, const QByteArray &user)
{
    auto client = std::make_unique<RawClient>(m_server->port());
    return client->open("/ws/chat?room=" + room + "&user=" + user) ? std::move(client) : nullptr;
}

void tst_ChatSocket::everyoneGetsEveryMessageInOrder()
{
    const auto ada = join("lab", "ada"), bob = join("lab", "bob");
    QVERIFY(ada && bob);
    constexpr int each = 50;
    for (int i = 0; i < each; ++i) {
        ada->send(RawClient::Text, "a" + QByteArray::number(i));
        bob->send(RawClient::Text, "b" + QByteArray::number(i));
    }
    QList<QJsonObject> seenByAda;
    for (int i = 1; i <= 2 * each; ++i) {
        const QJsonObject message = read(*ada);
        QCOMPARE(message.keys(),
                 (QStringList{ u"id"_s, u"message"_s, u"offset"_s, u"room"_s, u"timestamp"_s, u"user"_s }));
        QCOMPARE(message["offset"_L1].toInt(), i);
        QCOMPARE(message["room"_L1].toString(), u"lab"_s);
        QVERIFY(fromRfc3339(message["timestamp"_L1].toString()));
        seenByAda.append(message);
        QCOMPARE(read(*bob), message);
    }
    QMap<QString, int> next;
    for (const QJsonObject &message : std::as_const(seenByAda)) {
        const QString user = message["user"_L1].toString();
        QCOMPARE(message["message"_L1].toString(), QString(user[0] + QString::number(next[user]++)));
    }
}

void tst_ChatSocket::roomsAreApart()
{
    const auto ada = join("lab", "ada"), bob = join("yard", "bob");
    QVERIFY(ada && bob);
    ada->send(RawClient::Text, "in the lab");
    QCOMPARE(read(*ada)["message"_L1].toString(), u"in the lab"_s);
    bob->send(RawClient::Text, "in the yard");
    const QJsonObject first = read(*bob);
    QCOMPARE(first["message"_L1].toString(), u"in the yard"_s);
    QCOMPARE(first["offset"_L1].toInt(), 1);
}

void tst_ChatSocket::aMessageIsStoredBeforeItIsSeen()
{
    const auto ada = join("lab", "ada");
    QVERIFY(ada);
    for (int i = 1; i <= 20; ++i) {
        ada->send(RawClient::Text, "x");
        const QJsonObject seen = read(*ada);
        // Another connection to the file sees what has been committed, and nothing else.
        const QJsonArray stored = get("/api/rooms/lab/messages?limit=1")["items"_L1].toArray();
        QCOMPARE(stored.size(), 1);
        QCOMPARE(stored[0].toObject(), seen);
    }
}

void tst_ChatSocket::refusesBadNamesBeforeTheUpgrade_data()
{
    QTest::addColumn<QByteArray>("query");
    QTest::newRow("nothing") << ""_ba;
    QTest::newRow("no room") << "?user=ada"_ba;
    QTest::newRow("empty room") << "?room=&user=ada"_ba;
    QTest::newRow("line break") << "?room=a%0Ab&user=ada"_ba;
    QTest::newRow("not UTF-8") << "?room=%ff&user=ada"_ba;
}

void tst_ChatSocket::refusesBadNamesBeforeTheUpgrade()
{
    QFETCH(QByteArray, query);
    RawClient client(m_server->port());
    client.request("/ws/chat" + query);
    QVERIFY(client.readAnswer().startsWith("HTTP/1.1 400 "));
    QVERIFY2(client.answerBody().contains("\\\"room\\\""), client.answerBody().constData());
}

void tst_ChatSocket::closesForBadMessages_data()
{
    QTest::addColumn<int>("opcode");
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<int>("closeCode");
    QTest::newRow("empty") << int(RawClient::Text) << ""_ba << 1008;
    QTest::newRow("NUL") << int(RawClient::Text) << "a\0b"_ba << 1008;
    QTest::newRow("bytes") << int(RawClient::Binary) << "x"_ba << 1003;
    QTest::newRow("not UTF-8") << int(RawClient::Text) << "\xff"_ba << 1007;
    QTest::newRow("too long") << int(RawClient::Text) << QByteArray(64 * 1024 + 1, 'x') << 1009;
}

void tst_ChatSocket::closesForBadMessages()
{
    QFETCH(int, opcode);
    QFETCH(QByteArray, payload);
    QFETCH(int, closeCode);
    const auto ada = join("lab", "ada");
    QVERIFY(ada);
    ada->send(RawClient::Opcode(opcode), payload);
    const auto frame = ada->readFrame();
    QVERIFY(frame);
    QCOMPARE(frame->opcode, quint8(RawClient::Close));
    QCOMPARE(frame->closeCode(), closeCode);
    QVERIFY(ada->waitForEnd());
}

void tst_ChatSocket::takesAFloodWithoutLoss()
{
    const auto ada = join("lab", "ada");
    QVERIFY(ada);
    constexpr int count = 3'000; // many times what may be under way
    for (int i = 1; i <= count; ++i)
        ada->send(RawClient::Text, QByteArray::number(i));
    for (int i = 1; i <= count; ++i)
        QCOMPARE(read(*ada)["message"_L1].toString(), QString::number(i));
}

void tst_ChatSocket::storesWhatALeavingClientSent()
{
    const auto ada = join("lab", "ada");
    QVERIFY(ada);
    for (int i = 0; i < 10; ++i)
        ada->send(RawClient::Text, "x");
    ada->send(RawClient::Close, QByteArray::fromHex("03e8"));
    QVERIFY(ada->waitForEnd());
    QTRY_COMPARE(get("/api/rooms/lab/messages")["items"_L1].toArray().size(), 10);
}

void tst_ChatSocket::showsRoomsAndHistory()
{
    const auto ada = join("B%C3%BCro%202", "ada"), bob = join("lab", "bob");
    QVERIFY(ada && bob);
    for (int i = 1; i <= 5; ++i) {
        ada->send(RawClient::Text, QByteArray::number(i));
        read(*ada);
    }
    bob->send(RawClient::Text, "x");
    read(*bob);

    QJsonObject page = get("/api/rooms?limit=1");
    QCOMPARE(page["items"_L1].toArray().size(), 1);
    const QJsonObject room = page["items"_L1].toArray()[0].toObject();
    QCOMPARE(room["name"_L1].toString(), u"B\u00fcro 2"_s);
    QCOMPARE(room["last_offset"_L1].toInt(), 5);
    QCOMPARE(room["online"_L1].toInt(), 1);
    page = get("/api/rooms?limit=1&after=" + page["next"_L1].toString().toUtf8().toPercentEncoding());
    QCOMPARE(page["items"_L1].toArray()[0].toObject()["name"_L1].toString(), u"lab"_s);
    QVERIFY(page["next"_L1].isNull());

    page = get("/api/rooms/B%C3%BCro%202/messages?limit=3");
    QCOMPARE(page["items"_L1].toArray().size(), 3);
    QCOMPARE(page["items"_L1].toArray()[0].toObject()["offset"_L1].toInt(), 3);
    page = get("/api/rooms/B%C3%BCro%202/messages?before=" + QByteArray::number(page["next"_L1].toInt()));
    QCOMPARE(page["items"_L1].toArray().size(), 2);
    QVERIFY(page["next"_L1].isNull());
    QCOMPARE(get("/api/rooms/lab/messages?limit=0")["status"_L1].toInt(), 400);
}

void tst_ChatSocket::theRoomsThatSomeoneIsInAreKnown()
{
    QVERIFY(m_rooms->rooms().empty());
    {
        const auto early = join("lab", "ada");
        QVERIFY(early);
        early->send(RawClient::Text, "1");
        read(*early);
        QCOMPARE(m_rooms->rooms().front().lastOffset, 1);
    }
    QTRY_VERIFY(m_rooms->rooms().empty());
    auto ada = join("lab", "ada"), bob = join("lab", "bob");
    QVERIFY(ada && bob);
    QTRY_COMPARE(m_rooms->rooms().front().lastOffset, 1); // from the database
    QCOMPARE(m_rooms->rooms().front().members, 2);

    std::atomic<qint64> queued = 0;
    const auto sum = [&] {
        queued = 0;
        m_server->reactors().callOnAll([&](int) { queued += m_rooms->queuedBytesHere().value(u"lab"_s); });
        return queued.load();
    };
    QCOMPARE(sum(), 0);
    // Nobody reads: what the kernel does not take waits here, and is seen, until the slow ones are closed.
    const QString text(60'000, u'x');
    qint64 most = 0;
    for (int i = 0; i < 1000 && most == 0; ++i) {
        awaited(answer(m_service->post({}, { .room = u"lab"_s, .user = u"eve"_s, .text = text })));
        most = sum();
    }
    QVERIFY(most > 0);
}

QTEST_GUILESS_MAIN(tst_ChatSocket)
#include "tst_chatsocket.moc"
