// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/names.h"
#include "server/chat/service.h"
#include "server/db/migrations.h"

#include <QCoroTask>
#include <QTemporaryDir>
#include <QTest>

#include <thread>

using namespace godwit;
using namespace Qt::StringLiterals;

namespace {

using Posted = async::OneShot<protocol::ChatMessage>;

QCoro::Task<protocol::ChatMessage> answer(Posted posted)
{
    co_return co_await std::move(posted);
}

QCoro::Task<QList<protocol::ChatMessage>> historyOf(chat::Service &service, QString room, chat::Page page)
{
    auto result = service.history({}, room, page); // GCC 12: no braces in the co_await itself
    co_return co_await std::move(result);
}

QCoro::Task<QList<chat::Room>> roomsOf(chat::Service &service, QString after, int limit)
{
    auto result = service.rooms({}, after, limit);
    co_return co_await std::move(result);
}

} // namespace

class tst_ChatService : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void givesDenseOffsets();
    void goesOnAfterARestart();
    void publishesInOrderWhoeverPosts();
    void pagesThroughHistory();
    void listsRooms();
    void normalizesNames_data();
    void normalizesNames();
    void checksMessages_data();
    void checksMessages();

private:
    void open();
    protocol::ChatMessage post(const QString &room, const QString &text)
    {
        return QCoro::waitFor(answer(m_service->post({}, { .room = room, .user = u"ada"_s, .text = text })));
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<db::Pool> m_pool;
    std::unique_ptr<chat::Service> m_service;
};

void tst_ChatService::open()
{
    m_pool = std::make_unique<db::Pool>(db::Options{ .file = m_folder->filePath(u"chat.db"_s) });
    db::migrate(*m_pool);
    m_service = std::make_unique<chat::Service>(*m_pool);
}

void tst_ChatService::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    open();
}

void tst_ChatService::cleanup()
{
    m_service.reset();
    m_pool.reset();
}

void tst_ChatService::givesDenseOffsets()
{
    const auto first = post(u"lab"_s, u"one"_s);
    const auto other = post(u"yard"_s, u"elsewhere"_s);
    const auto second = post(u"lab"_s, u"two \U0001F426"_s);
    QCOMPARE(first.offset, 1);
    QCOMPARE(other.offset, 1);
    QCOMPARE(second.offset, 2);
    QVERIFY(first.id < other.id && other.id < second.id);
    QCOMPARE(second.room, u"lab"_s);
    QCOMPARE(second.user, u"ada"_s);
    QCOMPARE(second.message, u"two \U0001F426"_s);
}

void tst_ChatService::goesOnAfterARestart()
{
    const auto before = post(u"lab"_s, u"one"_s);
    cleanup();
    open();
    const auto after = post(u"lab"_s, u"two"_s);
    QCOMPARE(after.offset, 2);
    QVERIFY(after.id > before.id);
    const auto history = QCoro::waitFor(historyOf(*m_service, u"lab"_s, {}));
    QCOMPARE(history, (QList{ before, after }));
}

void tst_ChatService::publishesInOrderWhoeverPosts()
{
    constexpr int threads = 4, perThread = 100;
    QList<protocol::ChatMessage> published; // on the writer's thread, until the pool has ended
    m_service->setPublisher([&published](const protocol::ChatMessage &message) { published.append(message); });
    std::vector<std::thread> posters;
    for (int t = 0; t < threads; ++t)
        posters.emplace_back([this, t] {
            std::vector<Posted> results;
            for (int i = 0; i < perThread; ++i)
                results.push_back(
                    m_service->post({}, { .room = u"lab"_s, .user = QString::number(t), .text = QString::number(i) }));
            while (!std::all_of(results.begin(), results.end(), [](const Posted &p) { return p.isFinished(); }))
                std::this_thread::yield();
        });
    for (std::thread &poster : posters)
        poster.join();
    cleanup();

    QCOMPARE(published.size(), threads * perThread);
    std::array<int, threads> next{};
    for (qsizetype i = 0; i < published.size(); ++i) {
        QCOMPARE(published[i].offset, i + 1);
        QCOMPARE(published[i].message.toInt(), next[size_t(published[i].user.toInt())]++);
    }
}

void tst_ChatService::pagesThroughHistory()
{
    for (int i = 1; i <= 10; ++i)
        post(u"lab"_s, QString::number(i));
    const auto offsets = [this](chat::Page page) {
        QList<qint64> result;
        for (const auto &message : QCoro::waitFor(historyOf(*m_service, u"lab"_s, page)))
            result.append(message.offset);
        return result;
    };
    QCOMPARE(offsets({ .limit = 3 }), (QList<qint64>{ 8, 9, 10 }));
    QCOMPARE(offsets({ .before = 8, .limit = 3 }), (QList<qint64>{ 5, 6, 7 }));
    QCOMPARE(offsets({ .before = 2, .limit = 3 }), QList<qint64>{ 1 });
    QCOMPARE(offsets({ .before = 1, .limit = 3 }), QList<qint64>{});
    QCOMPARE(QCoro::waitFor(historyOf(*m_service, u"nowhere"_s, {})).size(), 0);
}

void tst_ChatService::listsRooms()
{
    for (const QString &room : { u"b"_s, u"a"_s, u"c"_s, u"a"_s })
        post(room, u"x"_s);
    const auto rooms = QCoro::waitFor(roomsOf(*m_service, {}, 2));
    QCOMPARE(rooms.size(), 2);
    QCOMPARE(rooms[0].name, u"a"_s);
    QCOMPARE(rooms[0].lastOffset, 2);
    QCOMPARE(rooms[1].name, u"b"_s);
    const auto behind = QCoro::waitFor(roomsOf(*m_service, u"b"_s, 2));
    QCOMPARE(behind.size(), 1);
    QCOMPARE(behind[0].name, u"c"_s);
}

void tst_ChatService::normalizesNames_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("normalized"); // null: refused
    QTest::newRow("plain") << u"Lab 3"_s << u"Lab 3"_s;
    QTest::newRow("white space around it") << u"  lab\t"_s << u"lab"_s;
    QTest::newRow("two spellings of one") << u"Bu\u0308ro"_s << u"B\u00fcro"_s;
    QTest::newRow("beyond the first plane") << u"\U0001F426"_s << u"\U0001F426"_s;
    QTest::newRow("empty") << u""_s << QString();
    QTest::newRow("only white space") << u"   "_s << QString();
    QTest::newRow("the longest") << u"x"_s.repeated(64) << u"x"_s.repeated(64);
    QTest::newRow("too long") << u"x"_s.repeated(65) << QString();
    QTest::newRow("a line break") << u"a\nb"_s << QString();
    QTest::newRow("text that runs backwards") << u"a\u202eb"_s << QString();
    QTest::newRow("half a character") << QString(QChar(0xd83d)) << QString();
}

void tst_ChatService::normalizesNames()
{
    QFETCH(QString, name);
    QFETCH(QString, normalized);
    const auto result = normalizedName(name, "room"_L1);
    QCOMPARE(result.has_value(), !normalized.isNull());
    if (result)
        QCOMPARE(*result, normalized);
    else
        QVERIFY(result.error().message().contains(u"\"room\""));
}

void tst_ChatService::checksMessages_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("valid");
    QTest::newRow("plain") << u"hello\nworld"_s << true;
    QTest::newRow("empty") << u""_s << false;
    QTest::newRow("NUL") << u"a"_s + QChar(QChar::Null) << false;
    QTest::newRow("the longest") << u"x"_s.repeated(chat::maxMessageBytes) << true;
    QTest::newRow("too long") << u"x"_s.repeated(chat::maxMessageBytes + 1) << false;
    QTest::newRow("too long in UTF-8 only") << u"\u20ac"_s.repeated(chat::maxMessageBytes / 3 + 1) << false;
}

void tst_ChatService::checksMessages()
{
    QFETCH(QString, text);
    QFETCH(bool, valid);
    QCOMPARE(chat::checkMessage(text).has_value(), valid);
}

QTEST_GUILESS_MAIN(tst_ChatService)
#include "tst_chatservice.moc"
