// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/events.h"
#include "server/chat/mentions.h"
#include "server/chat/names.h"
#include "server/chat/service.h"
#include "server/db/migrations.h"
#include "shared/core/name.h"
#include "shared/protocol/topics.h"
#include "tests/support/waiting.h"

#include <QCoroTask>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

#include <thread>

using namespace godwit;
using namespace Qt::StringLiterals;

namespace {

using Posted = async::OneShot<chat::Service::Posted>;

template<class T>
QCoro::Task<T> answer(async::OneShot<T> result)
{
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
    void answersAResendWithTheFirst();
    void editsAndDeletesWhatIsOnesOwn();
    void whatANamesakeWroteIsNotOnesOwn();
    void countsWhatIsUnread();
    void refusesAFileThatIsNotThere();
    void findsWordsInARoom();
    void findsMentions_data();
    void findsMentions();
    void splitsWhatEverybodyGetsFromAnEvent();
    void pagesThroughHistory();
    void listsRooms();
    void normalizesNames_data();
    void normalizesNames();
    void checksMessages_data();
    void checksMessages();

private:
    void open();
    chat::Service::Posted send(chat::NewMessage message)
    {
        return awaited(answer(m_service->post({}, std::move(message))));
    }
    protocol::ChatMessage post(const QString &room, const QString &text, const QString &user = u"ada"_s)
    {
        return send({ .room = room, .user = user, .text = text }).message;
    }
    QList<protocol::ChatMessage> history(const QString &room, chat::Page page = {})
    {
        return awaited(answer(m_service->history({}, room, page))).messages;
    }
    QList<chat::Room> rooms(const QString &after, int limit, const QString &user = u"ada"_s)
    {
        return awaited(answer(m_service->rooms({}, after, limit, user)));
    }
    static chat::Service::Change change(qint64 offset, const QString &by, protocol::Role role = protocol::Role::Member)
    {
        return { .room = u"lab"_s, .offset = offset, .by = { .name = by, .role = role } };
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<db::Pool> m_pool;
    std::unique_ptr<log::EventLog> m_events;
    std::unique_ptr<chat::Service> m_service;
};

void tst_ChatService::open()
{
    m_pool = std::make_unique<db::Pool>(db::Options{ .file = m_folder->filePath(u"chat.db"_s) });
    db::migrate(*m_pool);
    m_events = std::make_unique<log::EventLog>(*m_pool);
    m_service = std::make_unique<chat::Service>(*m_pool, *m_events);
}

void tst_ChatService::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    open();
}

void tst_ChatService::cleanup()
{
    m_service.reset();
    m_events.reset();
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
    QCOMPARE(history(u"lab"_s), (QList{ before, after }));
}

void tst_ChatService::publishesInOrderWhoeverPosts()
{
    constexpr int threads = 4, perThread = 100;
    const auto topic = awaited(answer(m_events->open({}, protocol::topics::ofRoom(u"lab"_s))));
    QList<log::EventPointer> published; // on the writer's thread, until the pool has ended
    topic->addListener(this, [&published](const log::EventPointer &event) { published.append(event); });
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
        QCOMPARE(published[i]->position.offset, i + 1);
        const QJsonObject event = QJsonDocument::fromJson(published[i]->data).object();
        QCOMPARE(event["type"_L1].toString(), u"posted"_s);
        QCOMPARE(event["offset"_L1].toInteger(), i + 1);
        const int user = event["user"_L1].toString().toInt();
        QCOMPARE(event["message"_L1].toString().toInt(), next[size_t(user)]++);
    }
}

void tst_ChatService::answersAResendWithTheFirst()
{
    const chat::NewMessage message{ .room = u"lab"_s, .user = u"ada"_s, .text = u"once"_s, .clientId = u"c1"_s };
    const auto first = send(message), again = send(message);
    QVERIFY(!first.isRepeated);
    QVERIFY(again.isRepeated);
    QCOMPARE(again.message, first.message);
    auto others = message;
    others.user = u"bob"_s; // whose name for it happens to be the same
    QVERIFY(!send(others).isRepeated);
    QCOMPARE(history(u"lab"_s).size(), 2);
    auto namesake = message;
    namesake.userId = 7; // somebody else, who was given the name later
    QVERIFY(!send(namesake).isRepeated);
    QVERIFY(send(namesake).isRepeated);
}

void tst_ChatService::editsAndDeletesWhatIsOnesOwn()
{
    using protocol::Role;
    const auto message = post(u"lab"_s, u"helo @bob"_s);
    post(u"lab"_s, u"next"_s);
    QVERIFY_THROWS_EXCEPTION(Error, awaited(answer(m_service->edit({}, change(1, u"bob"_s, Role::Admin), u"x"_s))));
    const auto edited = awaited(answer(m_service->edit({}, change(1, u"ada"_s), u"hello @eve"_s)));
    QCOMPARE(edited.message, u"hello @eve"_s);
    QCOMPARE(edited.mentions, QStringList{ u"eve"_s });
    QCOMPARE(edited.offset, 1);
    QVERIFY(edited.editedAt);
    QCOMPARE(history(u"lab"_s).constFirst(), edited);
    QCOMPARE(rooms({}, 1, u"bob"_s).constFirst().standing.mentions, 0);
    QCOMPARE(rooms({}, 1, u"EVE"_s).constFirst().standing.mentions, 1);
    QCOMPARE(rooms({}, 1).constFirst().lastOffset, 3); // the edit has one too

    QVERIFY_THROWS_EXCEPTION(Error, awaited(answer(m_service->remove({}, change(1, u"bob"_s)))));
    QVERIFY(awaited(answer(m_service->remove({}, change(1, u"op"_s, Role::Operator)))).isDeleted);
    const auto left = history(u"lab"_s);
    QCOMPARE(left.size(), 2);
    QVERIFY(left.constFirst().isDeleted);
    QCOMPARE(left.constFirst().message, QString());
    QVERIFY_THROWS_EXCEPTION(Error, awaited(answer(m_service->remove({}, change(1, u"ada"_s)))));
    QVERIFY_THROWS_EXCEPTION(Error, awaited(answer(m_service->edit({}, change(1, u"ada"_s), u"x"_s))));
    QVERIFY_THROWS_EXCEPTION(Error, awaited(answer(m_service->edit({}, change(99, u"ada"_s), u"x"_s))));
    QCOMPARE(post(u"lab"_s, u"after"_s).offset, 5);
}

/// A name may be given again once its user is removed.
void tst_ChatService::whatANamesakeWroteIsNotOnesOwn()
{
    send({ .room = u"lab"_s, .user = u"ada"_s, .text = u"hello"_s, .userId = 1 });
    auto first = change(1, u"ada"_s), second = first;
    first.by.userId = 1;
    second.by.userId = 2;
    QVERIFY_THROWS_EXCEPTION(Error, awaited(answer(m_service->edit({}, second, u"x"_s))));
    QVERIFY_THROWS_EXCEPTION(Error, awaited(answer(m_service->remove({}, second))));
    first.by.name = u"ada l"_s; // renamed
    QCOMPARE(awaited(answer(m_service->edit({}, first, u"x"_s))).message, u"x"_s);
}

void tst_ChatService::countsWhatIsUnread()
{
    for (int i = 1; i <= 3; ++i)
        post(u"lab"_s, i == 2 ? u"@bob look"_s : u"x"_s);
    const auto standing = [this](const QString &user) { return rooms({}, 1, user).constFirst().standing; };
    QCOMPARE(standing(u"ada"_s).unread, 0); // one's own
    QCOMPARE(standing(u"bob"_s).unread, 3);
    QCOMPARE(standing(u"bob"_s).mentions, 1);
    const auto read
        = [this](qint64 offset) { return awaited(answer(m_service->markRead({}, u"lab"_s, u"bob"_s, offset))); };
    QCOMPARE(read(1).unread, 2);
    QCOMPARE(read(2).mentions, 0);
    QCOMPARE(read(1).readOffset, 2); // never back
    QCOMPARE(read(1'000).readOffset, 3); // nor beyond
    post(u"lab"_s, u"x"_s);
    QCOMPARE(standing(u"bob"_s).unread, 1);
    QCOMPARE(awaited(answer(m_service->markRead({}, u"nowhere"_s, u"bob"_s, 1))).readOffset, 0);
}

void tst_ChatService::refusesAFileThatIsNotThere()
{
    chat::NewMessage message{ .room = u"lab"_s, .user = u"ada"_s, .text = u"see"_s, .file = u"plan.pdf"_s };
    QVERIFY_THROWS_EXCEPTION(Error, send(message));
    QCOMPARE(history(u"lab"_s).size(), 0);
    awaited(answer(m_pool->write({}, [](db::Connection &connection) {
        connection.execute(u"INSERT INTO files (name, size, type, created_at) VALUES ('plan.pdf', 1, 'x', 0)");
        return 0;
    })));
    QCOMPARE(send(message).message.file, u"plan.pdf"_s);
    QCOMPARE(history(u"lab"_s).constFirst().file, u"plan.pdf"_s);
}

void tst_ChatService::findsWordsInARoom()
{
    post(u"lab"_s, u"the kettle is cold"_s);
    post(u"yard"_s, u"a kettle elsewhere"_s);
    post(u"lab"_s, u"kettles are not meant"_s);
    post(u"lab"_s, u"my kettle, again"_s);
    const auto found = [this](chat::Page page) {
        QList<qint64> offsets;
        for (const auto &message : history(u"lab"_s, page))
            offsets.append(message.offset);
        return offsets;
    };
    QCOMPARE(found({ .words = u"kettle"_s }), (QList<qint64>{ 1, 3 }));
    QCOMPARE(found({ .limit = 1, .words = u"kettle"_s }), QList<qint64>{ 3 });
    QCOMPARE(found({ .before = 3, .words = u"kettle"_s }), QList<qint64>{ 1 });
    QCOMPARE(found({ .words = u"\"; DROP"_s }), QList<qint64>{});
}

void tst_ChatService::findsMentions_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("names");
    QTest::newRow("none") << u"hello"_s << QStringList();
    QTest::newRow("one") << u"@ada look"_s << QStringList{ u"ada"_s };
    QTest::newRow("before punctuation") << u"(@ada, @bob.)"_s << QStringList{ u"ada"_s, u"bob"_s };
    QTest::newRow("twice") << u"@ada @Ada"_s << QStringList{ u"ada"_s };
    QTest::newRow("within a name") << u"@ada.b-c_d"_s << QStringList{ u"ada.b-c_d"_s };
    QTest::newRow("an address of mail") << u"ada@example.com"_s << QStringList();
    QTest::newRow("letters of others") << u"@Zoë"_s << QStringList{ u"Zoë"_s };
    QTest::newRow("alone") << u"@ @@ @."_s << QStringList();
}

void tst_ChatService::findsMentions()
{
    QFETCH(QString, text);
    QTEST(chat::mentionsIn(text), "names");
}

void tst_ChatService::splitsWhatEverybodyGetsFromAnEvent()
{
    const protocol::ChatMessage message{ .id = 7,
                                         .room = u"lab"_s,
                                         .offset = 3,
                                         .user = u"a\",\"type\":\"posted\""_s,
                                         .message = u",\"type\":\"posted\" @bob"_s,
                                         .mentions = { u"bob"_s },
                                         .file = u"x"_s };
    const QByteArray event = chat::events::posted(message);
    const QJsonObject whole = QJsonDocument::fromJson(event).object();
    QCOMPARE(whole["type"_L1].toString(), u"posted"_s);
    QCOMPARE(whole["mentions"_L1].toArray().size(), 1);
    QCOMPARE(whole["file"_L1].toString(), u"x"_s);
    const QJsonObject plain = QJsonDocument::fromJson(chat::events::plainPart(event)).object();
    QCOMPARE(plain.keys(), (QStringList{ u"id"_s, u"message"_s, u"offset"_s, u"room"_s, u"timestamp"_s, u"user"_s }));
    QCOMPARE(plain["message"_L1].toString(), message.message);
    QCOMPARE(plain["user"_L1].toString(), message.user);
    QVERIFY(chat::events::plainPart(chat::events::deleted(message, 4, u"ada"_s, {})).isEmpty());
}

void tst_ChatService::pagesThroughHistory()
{
    for (int i = 1; i <= 10; ++i)
        post(u"lab"_s, QString::number(i));
    const auto offsets = [this](chat::Page page) {
        QList<qint64> result;
        for (const auto &message : history(u"lab"_s, page))
            result.append(message.offset);
        return result;
    };
    QCOMPARE(offsets({ .limit = 3 }), (QList<qint64>{ 8, 9, 10 }));
    QCOMPARE(offsets({ .before = 8, .limit = 3 }), (QList<qint64>{ 5, 6, 7 }));
    QCOMPARE(offsets({ .before = 2, .limit = 3 }), QList<qint64>{ 1 });
    QCOMPARE(offsets({ .before = 1, .limit = 3 }), QList<qint64>{});
    QCOMPARE(offsets({ .after = 3, .limit = 3 }), (QList<qint64>{ 4, 5, 6 }));
    QCOMPARE(offsets({ .after = 9, .limit = 3 }), QList<qint64>{ 10 });
    const auto next = [this](chat::Page page) { return awaited(answer(m_service->history({}, u"lab"_s, page))).next; };
    QCOMPARE(next({ .before = 8, .limit = 3 }), 5);
    QCOMPARE(next({ .before = 4, .limit = 3 }), std::nullopt);
    QCOMPARE(next({ .after = 3, .limit = 3 }), 6);
    QCOMPARE(next({ .after = 7, .limit = 3 }), std::nullopt);
    QCOMPARE(history(u"nowhere"_s).size(), 0);

    // Much text makes more pages of it.
    for (int i = 0; i < 20; ++i)
        post(u"hall"_s, QString(60'000, u'x'));
    const auto page = [this](chat::Page asked) { return awaited(answer(m_service->history({}, u"hall"_s, asked))); };
    const auto newest = page({ .limit = 20 });
    QCOMPARE(newest.messages.size(), 9);
    QCOMPARE(newest.next, 12);
    const auto older = page({ .before = 12, .limit = 20 });
    QCOMPARE(older.messages.size(), 9);
    QCOMPARE(page({ .before = *older.next, .limit = 20 }).next, std::nullopt);
}

void tst_ChatService::listsRooms()
{
    for (const QString &room : { u"b"_s, u"a"_s, u"c"_s, u"a"_s })
        post(room, u"x"_s);
    const auto first = rooms({}, 2);
    QCOMPARE(first.size(), 2);
    QCOMPARE(first[0].name, u"a"_s);
    QCOMPARE(first[0].lastOffset, 2);
    QCOMPARE(first[1].name, u"b"_s);
    const auto behind = rooms(u"b"_s, 2);
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
    QTest::newRow("a line break of others") << u"a\u2028b"_s << QString();
    QTest::newRow("a paragraph") << u"a\u2029b"_s << QString();
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
