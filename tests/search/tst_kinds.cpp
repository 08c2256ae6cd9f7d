// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/search/testservice.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::search;
using protocol::Principal;
using protocol::Role;

class tst_Kinds : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void findsAllKindsTogether();
    void rankedTogether();
    void snippetsOfEachKind_data();
    void snippetsOfEachKind();
    void everyoneSeesOwnTasksAndOperatorsAll_data();
    void everyoneSeesOwnTasksAndOperatorsAll();
    void whatOneSeesIsNotAnothersHit();
    void namesCannotForgeAKey();
    void indexFollowsMessages();
    void indexFollowsTasks();
    void indexFollowsUsers();
    void whatIsThereIsIndexedByTheMigration();
    void fieldsOfEveryKind();
    void suggestsTheNearestWord_data();
    void suggestsTheNearestWord();
    void suggestionsTellNothingOfOthersTasks();
};

static const Principal admin{ .userId = 1, .name = u"admin"_s, .role = Role::Admin };

static void addUser(db::Pool &pool, const QString &name)
{
    write(pool,
          u"INSERT INTO users (name, name_key, role, password_hash, created_at, updated_at) "
          "VALUES (?, ?, 'member', '', 1, 1)"_s,
          { name, name.toLower() });
}

static void addTask(db::Pool &pool, const QString &kind, const QString &params, const Principal &by)
{
    write(pool,
          u"INSERT INTO tasks (kind, params, priority, status, created_at, created_by, created_by_name) "
          "VALUES (?, ?, 0, 'queued', 1, ?, ?)"_s,
          { kind, params, by.userId, by.name });
}

/// `kind id` of each hit, best first.
static QStringList found(TestService &test, const QString &text, const Principal &caller = admin,
                         const QString &kind = {})
{
    QStringList list;
    for (const auto &hit : test.hits({ .text = text, .kind = kind, .caller = caller }))
        list.append(hit.kind + u' ' + QString::number(hit.id));
    return list;
}

/// The other kinds' changes are found at once.
static constexpr Service::Options atOnce{ .settlesWithin = 0ms };

void tst_Kinds::findsAllKindsTogether()
{
    TestService test(atOnce);
    test.add(u"Birds"_s, u"The godwit flies."_s);
    post(test.pool, u"anna"_s, u"did you see the godwit?"_s);
    addTask(test.pool, u"import"_s, uR"({"paths":["/srv/godwit"]})"_s, admin);
    addUser(test.pool, u"godwit"_s);
    QStringList all = found(test, u"godwit"_s);
    all.sort();
    QCOMPARE(all, QStringList({ u"document 1"_s, u"message 1"_s, u"task 1"_s, u"user 1"_s }));
    QCOMPARE(found(test, u"godwit"_s, admin, u"message"_s), QStringList{ u"message 1"_s });
    QCOMPARE(found(test, u"godwit kind:user"_s), QStringList{ u"user 1"_s });
    QCOMPARE(found(test, u"godwit"_s, admin, u"task,user"_s).size(), 2);
    QCOMPARE(test.hits({ .text = u"godwit"_s, .limit = 2, .caller = admin }).size(), 2);
}

/// Each kind's own statistics, one scale: the kind with many texts does not drown the others, nor the other way round.
void tst_Kinds::rankedTogether()
{
    TestService test(atOnce);
    for (int i = 0; i < 50; ++i)
        test.add(u"Birds %1"_s.arg(i),
                 u"Somewhere in this rather long text a godwit is said to be, among many others."_s);
    const qint64 about = test.add(u"The godwit"_s, u"A godwit is a wader. The godwit flies far, this godwit."_s);
    addUser(test.pool, u"godwit"_s);
    post(test.pool, u"anna"_s, u"godwit"_s);
    post(test.pool, u"anna"_s, u"Let us meet tomorrow and talk of something else than of a godwit, shall we?"_s);
    const auto hits = test.hits({ .text = u"godwit"_s, .limit = 5, .caller = admin });
    QCOMPARE(hits[0].kind + QString::number(hits[0].id), u"document%1"_s.arg(about));
    QCOMPARE(hits[1].kind, u"user"_s);
    QCOMPARE(hits[2].kind + QString::number(hits[2].id), u"message1"_s);
    double last = 1;
    for (const auto &hit : hits) {
        QVERIFY(hit.relevance > 0 && hit.relevance <= last);
        last = hit.relevance;
    }
}

void tst_Kinds::snippetsOfEachKind_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("title");
    QTest::addColumn<QString>("snippet");
    QTest::newRow("message") << u"owl"_s << u"message"_s << u"anna · lobby"_s << u"an <mark>owl</mark> &lt;b&gt;"_s;
    QTest::newRow("message by its author")
        << u"anna"_s << u"message"_s << u"anna · lobby"_s << u"<mark>anna</mark> · lobby: an owl &lt;b&gt;"_s;
    QTest::newRow("task") << u"srv"_s << u"task"_s << u"import"_s << u"paths:[/<mark>srv</mark>/docs]"_s;
    QTest::newRow("task by its kind") << u"import"_s << u"task"_s << u"import"_s
                                      << u"<mark>import</mark>: paths:[/srv/docs]"_s;
    QTest::newRow("user") << u"ada"_s << u"user"_s << u"ada.lovelace"_s << u"<mark>ada</mark>.lovelace"_s;
    QTest::newRow("prefix") << u"love*"_s << u"user"_s << u"ada.lovelace"_s << u"ada.<mark>lovelace</mark>"_s;
}

void tst_Kinds::snippetsOfEachKind()
{
    QFETCH(QString, text);
    TestService test(atOnce);
    post(test.pool, u"anna"_s, u"an owl <b>"_s);
    addTask(test.pool, u"import"_s, uR"({"paths":["/srv/docs"]})"_s, admin);
    addUser(test.pool, u"ada.lovelace"_s);
    const auto hits = test.hits({ .text = text, .caller = admin });
    QCOMPARE(hits.size(), 1);
    QTEST(hits[0].kind, "kind");
    QTEST(hits[0].title, "title");
    QTEST(hits[0].snippet, "snippet");
}

void tst_Kinds::everyoneSeesOwnTasksAndOperatorsAll_data()
{
    QTest::addColumn<Principal>("caller");
    QTest::addColumn<QStringList>("tasks");
    const auto row
        = [](const char *name, Principal caller, QStringList tasks) { QTest::newRow(name) << caller << tasks; };
    row("member", { 7, u"anna"_s, Role::Member }, { u"task 1"_s });
    row("another member", { 8, u"bert"_s, Role::Member }, { u"task 2"_s });
    row("who made none", { 9, u"anna"_s, Role::Member }, {});
    row("viewer", { 9, u"vera"_s, Role::Viewer }, {});
    row("a local program", { 0, u"backup"_s, Role::Member }, { u"task 3"_s });
    row("another local program", { 0, u"anna"_s, Role::Member }, {});
    row("nobody", {}, {});
    row("operator", { 5, u"olga"_s, Role::Operator }, { u"task 3"_s, u"task 2"_s, u"task 1"_s });
    row("admin", { 1, u"admin"_s, Role::Admin }, { u"task 3"_s, u"task 2"_s, u"task 1"_s });
}

void tst_Kinds::everyoneSeesOwnTasksAndOperatorsAll()
{
    QFETCH(Principal, caller);
    QFETCH(QStringList, tasks);
    TestService test(atOnce);
    addTask(test.pool, u"sleep"_s, u"{}"_s, { 7, u"anna"_s, Role::Member });
    addTask(test.pool, u"sleep"_s, u"{}"_s, { 8, u"bert"_s, Role::Member });
    addTask(test.pool, u"sleep"_s, u"{}"_s, { 0, u"backup"_s, Role::Member });
    QCOMPARE(found(test, u"sleep"_s, caller), tasks);
}

void tst_Kinds::whatOneSeesIsNotAnothersHit()
{
    TestService test(atOnce);
    const Principal anna{ 7, u"anna"_s, Role::Member }, bert{ 8, u"bert"_s, Role::Member };
    addTask(test.pool, u"sleep"_s, u"{}"_s, anna);
    const auto source = [&](const Principal &caller, const QString &kind = {}) {
        return test.source({ .text = u"sleep"_s, .kind = kind, .caller = caller });
    };
    QCOMPARE(source(anna), Source::Miss);
    QCOMPARE(source(anna), Source::Hit);
    QCOMPARE(source(bert), Source::Miss);
    QCOMPARE(source(admin), Source::Miss);
    QCOMPARE(source({ 2, u"other"_s, Role::Operator }), Source::Hit); // sees what the admin sees
    // Where all see the same, one's answer is another's hit.
    QCOMPARE(source(anna, u"document"_s), Source::Miss);
    QCOMPARE(source(bert, u"document"_s), Source::Hit);
}

void tst_Kinds::namesCannotForgeAKey()
{
    TestService test(atOnce);
    const Principal one{ 0, u"a b"_s, Role::Member }, other{ 0, u"a"_s, Role::Member };
    addTask(test.pool, u"c"_s, u"{}"_s, one);
    QCOMPARE(found(test, u"c"_s, one).size(), 1);
    QCOMPARE(found(test, u"b c"_s, other).size(), 0);
    QCOMPARE(found(test, u"c"_s, other).size(), 0);
}

void tst_Kinds::indexFollowsMessages()
{
    TestService test(atOnce);
    post(test.pool, u"anna"_s, u"a godwit"_s);
    post(test.pool, u"bert"_s, u"another godwit"_s, u"birds"_s);
    QCOMPARE(found(test, u"godwit"_s), QStringList({ u"message 2"_s, u"message 1"_s })); // the newest first
    QCOMPARE(found(test, u"birds godwit"_s), QStringList{ u"message 2"_s }); // the room's name
    write(test.pool, u"UPDATE chat_messages SET message = 'an owl' WHERE id = 1"_s);
    QCOMPARE(found(test, u"godwit"_s), QStringList{ u"message 2"_s });
    QCOMPARE(found(test, u"owl"_s), QStringList{ u"message 1"_s });
    write(test.pool, u"DELETE FROM chat_messages WHERE id = 2"_s);
    QCOMPARE(found(test, u"godwit"_s), QStringList());
    write(test.pool, u"INSERT INTO messages_fts (messages_fts) VALUES ('integrity-check')"_s); // throws
}

void tst_Kinds::indexFollowsTasks()
{
    TestService test(atOnce);
    addTask(test.pool, u"import"_s, uR"({"paths":["/srv/docs"]})"_s, admin);
    write(test.pool, u"UPDATE tasks SET message = 'reading gulls' WHERE id = 1"_s);
    QCOMPARE(found(test, u"gulls"_s), QStringList()); // while it runs
    write(test.pool, u"UPDATE tasks SET message = 'no such folder', finished_at = 5 WHERE id = 1"_s);
    QCOMPARE(found(test, u"folder docs"_s), QStringList{ u"task 1"_s });
    write(test.pool, u"UPDATE tasks SET message = '', finished_at = NULL WHERE id = 1"_s); // again
    QCOMPARE(found(test, u"folder"_s), QStringList());
    QCOMPARE(found(test, u"docs"_s), QStringList{ u"task 1"_s });
    write(test.pool, u"INSERT INTO tasks_fts (tasks_fts) VALUES ('integrity-check')"_s);
    write(test.pool, u"DELETE FROM tasks"_s);
    QCOMPARE(found(test, u"docs"_s), QStringList());
    write(test.pool, u"INSERT INTO tasks_fts (tasks_fts) VALUES ('integrity-check')"_s);
}

void tst_Kinds::indexFollowsUsers()
{
    TestService test(atOnce);
    addUser(test.pool, u"Ada"_s);
    QCOMPARE(found(test, u"ada"_s), QStringList{ u"user 1"_s });
    write(test.pool, u"UPDATE users SET name = 'Grace'"_s);
    QCOMPARE(found(test, u"ada"_s), QStringList());
    QCOMPARE(found(test, u"grace"_s), QStringList{ u"user 1"_s });
    write(test.pool, u"DELETE FROM users"_s);
    QCOMPARE(found(test, u"grace"_s), QStringList());
    write(test.pool, u"INSERT INTO users_fts (users_fts) VALUES ('integrity-check')"_s);
    // Nothing secret is in the index.
    write(test.pool,
          u"INSERT INTO users (name, name_key, role, password_hash, created_at, updated_at) "
          "VALUES ('eve', 'eve', 'member', 'verysecret', 1, 1)"_s);
    QCOMPARE(found(test, u"verysecret"_s), QStringList());
}

void tst_Kinds::whatIsThereIsIndexedByTheMigration()
{
    const QTemporaryDir dir;
    db::Pool pool(db::Options{ .file = dir.filePath(u"test.db"_s) });
    auto before = db::readMigrations(), all = before;
    before.removeIf([](const db::Migration &migration) { return migration.name.contains("_search"_L1); });
    QVERIFY(before.size() < all.size());
    db::migrate(pool, before);
    post(pool, u"anna"_s, u"a godwit"_s);
    addTask(pool, u"godwit"_s, u"{}"_s, admin);
    addUser(pool, u"godwit"_s);
    db::migrate(pool, all);
    Service service(pool);
    const auto outcome = QCoro::waitFor(outcomeOf(service.search({}, { .text = u"godwit"_s, .caller = admin })));
    QVERIFY(outcome.answer);
    QCOMPARE(outcome.answer->found->count, 3);
}

void tst_Kinds::fieldsOfEveryKind()
{
    TestService test(atOnce);
    test.add(u"Godwit"_s, u"An owl"_s);
    post(test.pool, u"godwit"_s, u"an owl"_s);
    QCOMPARE(found(test, u"title:godwit body:owl"_s).size(), 2);
    QCOMPARE(found(test, u"body:godwit"_s).size(), 0);
    QCOMPARE(found(test, u"owl -title:godwit"_s).size(), 0);
    const auto hits = test.hits({ .text = u"title:godwit"_s, .kind = u"document"_s });
    QCOMPARE(hits[0].snippet, u"<mark>Godwit</mark>"_s);
}

void tst_Kinds::suggestsTheNearestWord_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("suggestion");
    QTest::newRow("swapped") << u"gowdit"_s << u"godwit"_s;
    QTest::newRow("missing") << u"gdwit"_s << u"godwit"_s;
    QTest::newRow("one too many") << u"goodwit"_s << u"godwit"_s;
    QTest::newRow("other") << u"gadwit"_s << u"godwit"_s;
    QTest::newRow("two edits") << u"gdowti"_s << u"godwit"_s;
    QTest::newRow("a letter before it") << u"xgodwit"_s << u"godwit"_s;
    QTest::newRow("first two swapped") << u"ogdwit"_s << u"godwit"_s;
    QTest::newRow("the rest stays") << u"\"eleven  days\" GODWTI -owl"_s << u"\"eleven days\" godwit -owl"_s;
    QTest::newRow("two words") << u"godwti elevn"_s << u"godwit eleven"_s;
    QTest::newRow("a message's word") << u"kittwake"_s << u"kittiwake"_s;
    QTest::newRow("the more frequent of two") << u"bilds"_s << u"birds"_s;
    QTest::newRow("accents") << u"cafee"_s << u"cafe"_s;
    QTest::newRow("nothing near") << u"xylophone"_s << QString();
    QTest::newRow("too short") << u"gx"_s << QString();
    QTest::newRow("found") << u"godwit"_s << QString();
    QTest::newRow("known words that are nowhere together") << u"godwit kittiwake"_s << QString();
    QTest::newRow("a prefix") << u"gowd*"_s << QString();
    QTest::newRow("another kind's word") << u"kind:user gowdit"_s << QString();
}

void tst_Kinds::suggestsTheNearestWord()
{
    QFETCH(QString, text);
    TestService test(atOnce);
    test.add(u"Godwit"_s, u"A godwit flies eleven days. Birds. Café."_s);
    test.add(u"Birds"_s, u"birds"_s);
    test.add(u"Builds"_s, u"builds"_s);
    post(test.pool, u"anna"_s, u"a kittiwake"_s);
    QTEST(test.search({ .text = text, .caller = admin }).found->suggestion, "suggestion");
}

void tst_Kinds::suggestionsTellNothingOfOthersTasks()
{
    TestService test(atOnce);
    addTask(test.pool, u"import"_s, uR"({"paths":["/srv/confidential"]})"_s, admin);
    const Principal anna{ 7, u"anna"_s, Role::Member };
    QCOMPARE(test.search({ .text = u"confidentail"_s, .caller = anna }).found->suggestion, QString());
    QCOMPARE(test.search({ .text = u"confidentail"_s, .caller = admin }).found->suggestion, u"confidential"_s);
}

QTEST_GUILESS_MAIN(tst_Kinds)
#include "tst_kinds.moc"
