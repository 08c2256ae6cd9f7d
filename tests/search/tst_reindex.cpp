// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/migrations.h"
#include "server/search/reindex.h"
#include "server/search/service.h"
#include "tests/support/waiting.h"

#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::search;

/// What the indexes find while they are built anew, and after.
class tst_Reindex : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_test.reset(); }
    void repairsWhatIsMissing();
    void changesMeanwhileAreFound();
    void leavesNothingBehind();
    void stoppedLeavesTheOldOne();
    void goesOnAfterOneThatWasKilled();

private:
    struct Test
    {
        Test() : pool({ .file = dir.filePath(u"test.db"_s) }), service((db::migrate(pool), pool)) { }
        void run(const QString &sql)
        {
            pool.write({}, [sql](db::Connection &c) { c.executeScript(sql); }).future().waitForFinished();
        }
        qint64 count(const QString &sql)
        {
            return pool
                .read({},
                      [sql](db::Connection &c) {
                          QSqlQuery &rows = c.execute(sql);
                          return rows.next() ? rows.value(0).toLongLong() : -1;
                      })
                .future()
                .result();
        }
        qint64 matches(const QString &word)
        {
            return count(u"SELECT count(*) FROM documents_fts WHERE documents_fts MATCH '%1'"_s.arg(word));
        }
        qint64 add(const QString &body)
        {
            return service.createDocument({}, { .title = u"t"_s, .body = body }).result().id;
        }
        /// FTS5's own check of an index against its texts; fails if it is not true.
        void check(const QString &index)
        {
            run(u"INSERT INTO %1 (%1, rank) VALUES ('integrity-check', 1)"_s.arg(index));
        }
        QStringList leftovers()
        {
            return pool
                .read({},
                      [](db::Connection &c) {
                          QStringList names;
                          QSqlQuery &rows = c.execute(u"SELECT name FROM sqlite_master WHERE name LIKE '%fts_next%' "
                                                      "OR name LIKE '%fts_old%' OR name LIKE '%fts_position%'");
                          while (rows.next())
                              names.append(rows.value(0).toString());
                          return names;
                      })
                .future()
                .result();
        }

        QTemporaryDir dir;
        db::Pool pool;
        Service service;
    };
    std::optional<Test> m_test;
};

void tst_Reindex::init()
{
    m_test.emplace();
}

void tst_Reindex::repairsWhatIsMissing()
{
    for (int i = 0; i < 200; ++i)
        m_test->add(u"godwit number%1"_s.arg(i));
    m_test->run(u"INSERT INTO documents_fts (documents_fts) VALUES ('delete-all')"_s);
    QCOMPARE(m_test->matches(u"godwit"_s), 0);
    QList<double> told;
    const auto done = reindex(m_test->pool, {}, [&told](const ReindexProgress &at) { told.append(at.percent()); });
    QCOMPARE(done.value(u"documents_fts"_s), 200);
    QCOMPARE(m_test->matches(u"godwit"_s), 200);
    QCOMPARE(m_test->matches(u"number77"_s), 1);
    QVERIFY(told.size() > 1 && std::is_sorted(told.begin(), told.end()));
    for (const auto *const index : { "documents_fts", "messages_fts", "tasks_fts", "users_fts" })
        m_test->check(QString::fromLatin1(index));
    // The rank's weights are those of the old one.
    QCOMPARE(m_test->count(u"SELECT count(*) FROM documents_fts_config WHERE k = 'rank' AND v LIKE '%4.0%'"_s), 1);
}

void tst_Reindex::changesMeanwhileAreFound()
{
    QList<qint64> ids;
    for (int i = 0; i < 300; ++i)
        ids.append(m_test->add(u"before number%1"_s.arg(i)));
    bool isDone = false;
    reindex(m_test->pool, {}, [&](const ReindexProgress &at) {
        if (std::exchange(isDone, true) || at.doneRows >= 300)
            return;
        // What is in the new index already, and what comes yet.
        m_test->service.updateDocument({}, ids.first(), { .title = u"t"_s, .body = u"changed early"_s })
            .waitForFinished();
        m_test->service.updateDocument({}, ids.last(), { .title = u"t"_s, .body = u"changed late"_s })
            .waitForFinished();
        m_test->service.removeDocument({}, ids[1]).waitForFinished();
        m_test->service.removeDocument({}, ids[ids.size() - 2]).waitForFinished();
        m_test->add(u"added"_s);
        QCOMPARE(m_test->matches(u"changed"_s), 2); // by the old index
    });
    QVERIFY(isDone);
    QCOMPARE(m_test->matches(u"before"_s), 296);
    QCOMPARE(m_test->matches(u"changed"_s), 2);
    QCOMPARE(m_test->matches(u"added"_s), 1);
    QCOMPARE(m_test->matches(u"number0"_s), 0);
    m_test->check(u"documents_fts"_s);
    m_test->add(u"afterwards"_s);
    QCOMPARE(m_test->matches(u"afterwards"_s), 1);
    m_test->check(u"documents_fts"_s);
}

void tst_Reindex::leavesNothingBehind()
{
    const qint64 before = m_test->count(u"SELECT count(*) FROM sqlite_master"_s);
    m_test->add(u"godwit"_s);
    reindex(m_test->pool);
    reindex(m_test->pool);
    QCOMPARE(m_test->leftovers(), QStringList());
    QCOMPARE(m_test->count(u"SELECT count(*) FROM sqlite_master"_s), before);
    const auto answer = awaited(m_test->service.search({}, { .text = u"godwit"_s }));
    QCOMPARE(answer.found->count, 1);
}

void tst_Reindex::stoppedLeavesTheOldOne()
{
    for (int i = 0; i < 200; ++i)
        m_test->add(u"godwit"_s);
    std::stop_source stop;
    std::optional<Error::Code> code;
    try {
        reindex(m_test->pool, stop.get_token(), [&stop](const ReindexProgress &) { stop.request_stop(); });
    } catch (const Error &error) {
        code = error.code();
    }
    QCOMPARE(code, Error::Code::Cancelled);
    QCOMPARE(m_test->leftovers(), QStringList());
    QCOMPARE(m_test->matches(u"godwit"_s), 200);
    m_test->check(u"documents_fts"_s);
}

void tst_Reindex::goesOnAfterOneThatWasKilled()
{
    m_test->add(u"godwit"_s);
    m_test->run(u"CREATE VIRTUAL TABLE documents_fts_next USING fts5 (title, body, content = 'documents', "
                "content_rowid = 'id'); CREATE TABLE documents_fts_position (id BIGINT);"
                "CREATE TRIGGER documents_fts_next_added AFTER INSERT ON documents BEGIN SELECT 1; END;"_s);
    reindex(m_test->pool);
    QCOMPARE(m_test->leftovers(), QStringList());
    QCOMPARE(m_test->matches(u"godwit"_s), 1);
}

QTEST_GUILESS_MAIN(tst_Reindex)
#include "tst_reindex.moc"
