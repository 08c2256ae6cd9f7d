// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/db/testpool.h"

#include <QRandomGenerator>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::db;

class tst_FullTextRank : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void scoresAsSqliteDoes_data();
    void scoresAsSqliteDoes();
    void shareIsOfTheBestThereCouldBe();
    void unwantedPhrasesDoNotCount();
    void followsChanges();
    void oddArgumentsAreHarmless();
    void countsChangesOfTables();
};

using Rows = QList<std::pair<qint64, double>>;

struct Texts : TestPool
{
    explicit Texts(int count = 0)
    {
        pool.write({},
                   [count](Connection &c) {
                       c.executeScript(u"CREATE VIRTUAL TABLE t USING fts5 (title, body)");
                       QRandomGenerator random(5);
                       const QStringList words{ u"godwit"_s, u"owl"_s, u"gull"_s, u"flies"_s,
                                                u"the"_s,    u"sea"_s, u"of"_s };
                       const auto text = [&](int length) {
                           QStringList picked;
                           for (int i = 0; i < length; ++i)
                               picked += words[random.bounded(words.size())];
                           return picked.join(u' ');
                       };
                       for (int i = 0; i < count; ++i)
                           c.execute(u"INSERT INTO t (title, body) VALUES (?, ?)",
                                     { text(1 + random.bounded(3)), text(1 + random.bounded(30)) });
                   })
            .future()
            .waitForFinished();
    }
    void add(const QString &title, const QString &body)
    {
        pool.write({}, [=](Connection &c) { c.execute(u"INSERT INTO t (title, body) VALUES (?, ?)", { title, body }); })
            .future()
            .waitForFinished();
    }
    Rows rows(const QString &function, const QString &expression)
    {
        return pool
            .read({},
                  [=](Connection &c) {
                      Rows rows;
                      const QString sql = u"SELECT rowid, %1 AS s FROM t WHERE t MATCH ? ORDER BY s DESC, rowid"_s;
                      auto &query = c.execute(sql.arg(function), { expression });
                      while (query.next())
                          rows.emplaceBack(query.value(0).toLongLong(), query.value(1).toDouble());
                      return rows;
                  })
            .future()
            .result();
    }
};

void tst_FullTextRank::scoresAsSqliteDoes_data()
{
    QTest::addColumn<QString>("expression");
    QTest::newRow("word") << u"godwit"_s;
    QTest::newRow("words") << u"godwit AND owl AND sea"_s;
    QTest::newRow("phrase") << u"\"the sea\" AND gull"_s;
    QTest::newRow("prefix") << u"g*"_s;
    QTest::newRow("in a column") << u"title : godwit"_s;
    QTest::newRow("either") << u"godwit OR owl"_s;
    QTest::newRow("not") << u"(gull AND sea) NOT (owl OR \"the of\")"_s;
}

void tst_FullTextRank::scoresAsSqliteDoes()
{
    QFETCH(QString, expression);
    Texts texts(200);
    const Rows expected = texts.rows(u"-bm25(t, 4.0, 1.5)"_s, expression);
    QVERIFY(!expected.isEmpty());
    for (const auto &name : { u"''"_s, u"'t'"_s, u"'t'"_s }) { // not remembered, looked up, remembered
        const Rows found = texts.rows(u"bm25_score(t, %1, 0, 4.0, 1.5)"_s.arg(name), expression);
        QCOMPARE(found, expected);
    }
    const Rows shares = texts.rows(u"relevance(t, 't', 0, 4.0, 1.5)"_s, expression);
    QCOMPARE(shares.size(), expected.size());
    for (qsizetype i = 0; i < shares.size(); ++i) {
        QCOMPARE(shares[i].first, expected[i].first);
        QVERIFY(shares[i].second > 0 && shares[i].second <= 1);
    }
}

void tst_FullTextRank::shareIsOfTheBestThereCouldBe()
{
    Texts texts;
    texts.add(u""_s, u"owl"_s);
    texts.add(u""_s, u"godwit "_s.repeated(1000));
    texts.add(u""_s, u"godwit and many other words that are of no interest "_s.repeated(100));
    const Rows found = texts.rows(u"relevance(t, 't', 0)"_s, u"godwit"_s);
    QCOMPARE(found.size(), 2);
    QVERIFY2(found[0].second > 0.99, qPrintable(QString::number(found[0].second)));
    QVERIFY(found[1].second < found[0].second);
}

void tst_FullTextRank::unwantedPhrasesDoNotCount()
{
    Texts texts(100);
    texts.add(u"knot"_s, u"knot"_s);
    const Rows plain = texts.rows(u"relevance(t, 't', 0)"_s, u"knot"_s);
    const Rows without = texts.rows(u"relevance(t, 't', 1)"_s, u"knot NOT (godwit OR owl)"_s);
    QCOMPARE(plain.size(), 1);
    QCOMPARE(without.size(), 1);
    QVERIFY(qFuzzyCompare(without[0].second, plain[0].second));
}

void tst_FullTextRank::followsChanges()
{
    Texts texts(50);
    const QString own = u"bm25_score(t, 't', 0)"_s, expected = u"-bm25(t)"_s;
    QCOMPARE(texts.rows(own, u"owl"_s), texts.rows(expected, u"owl"_s));
    for (const QString &sql :
         { u"UPDATE t SET body = body || ' owl owl more' WHERE rowid % 3 = 0"_s, u"DELETE FROM t WHERE rowid % 4 = 1"_s,
           u"INSERT INTO t (rowid, title, body) VALUES (5000000, 'owl', 'far away')"_s,
           u"INSERT INTO t (rowid, title, body) VALUES (-3, 'owl', 'below')"_s }) {
        texts.pool.write({}, [&](Connection &c) { c.execute(sql); }).future().waitForFinished();
        for (int again = 0; again < 4; ++again) // each reader has its own memory
            QCOMPARE(texts.rows(own, u"owl"_s), texts.rows(expected, u"owl"_s));
    }
}

void tst_FullTextRank::oddArgumentsAreHarmless()
{
    Texts texts(20);
    QCOMPARE(texts.rows(u"bm25_score(t)"_s, u"owl"_s), texts.rows(u"-bm25(t)"_s, u"owl"_s));
    for (int i = 0; i < 40; ++i) // more names than are remembered
        QCOMPARE(texts.rows(u"bm25_score(t, '%1', 99)"_s.arg(i), u"owl"_s), texts.rows(u"-bm25(t)"_s, u"owl"_s));
    QVERIFY(!texts.rows(u"relevance(t, NULL, -5, 'x', 2)"_s, u"owl"_s).isEmpty());
    QVERIFY(errorOf(texts.pool.read({}, [](Connection &c) { number(c, u"SELECT relevance(1, 't', 0)"); }).future()));
}

void tst_FullTextRank::countsChangesOfTables()
{
    TestPool test;
    const auto run = [&](const QString &sql) {
        test.pool.write({}, [sql](Connection &c) { c.executeScript(sql); }).future().waitForFinished();
    };
    run(u"CREATE TABLE a (v INTEGER); CREATE TABLE b (v INTEGER); "
        "CREATE TRIGGER t AFTER DELETE ON a BEGIN INSERT INTO b VALUES (1); END"_s);
    const auto a = test.pool.changesOf("a"), b = test.pool.changesOf("b");
    QCOMPARE(test.pool.changesOf("a"), a);
    QCOMPARE(a->load(), 0U);
    run(u"INSERT INTO a VALUES (1), (2)"_s);
    QCOMPARE(a->load(), 1U);
    QCOMPARE(b->load(), 0U);
    run(u"UPDATE b SET v = 2"_s); // no row
    QCOMPARE(b->load(), 0U);
    run(u"DELETE FROM a"_s); // and its trigger
    QCOMPARE(a->load(), 2U);
    QCOMPARE(b->load(), 1U);
    // What failed has changed nothing; that it may be counted later is allowed.
    QVERIFY(errorOf(test.pool
                        .write({},
                               [](Connection &c) {
                                   c.execute(u"INSERT INTO b VALUES (9)");
                                   throw Error(Error::Code::Conflict, u"no"_s);
                               })
                        .future()));
    QCOMPARE(b->load(), 1U);
}

QTEST_GUILESS_MAIN(tst_FullTextRank)
#include "tst_fulltextrank.moc"
