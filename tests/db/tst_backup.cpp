// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/backup.h"
#include "server/db/migrations.h"
#include "tests/db/testpool.h"

#include <QDir>

#include <thread>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::db;

class tst_Backup : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void hasWhatWasCommitted();
    void isOfOneMomentUnderLoad();
    void neverReplacesAFile();
    void damageIsFound();
    void cancelledLeavesNothing();
    void thereMustBeADatabase();
};

static qint64 countIn(const QString &file)
{
    Pool pool({ .file = file });
    return pool
        .read({},
              [](Connection &c) {
                  QSqlQuery &rows = c.execute(u"SELECT count(*) FROM numbers");
                  rows.next();
                  return rows.value(0).toLongLong();
              })
        .future()
        .result();
}

static void addNumber(Pool &pool)
{
    pool.write({},
               [](Connection &c) {
                   c.execute(u"INSERT INTO numbers VALUES (1)");
                   c.execute(u"UPDATE total SET n = n + 1");
               })
        .future()
        .waitForFinished();
}

static void makeTables(Pool &pool)
{
    pool.write({},
               [](Connection &c) {
                   c.executeScript(u"CREATE TABLE numbers (n INTEGER); CREATE TABLE total (n INTEGER);"
                                   "INSERT INTO total VALUES (0)");
               })
        .future()
        .waitForFinished();
}

void tst_Backup::hasWhatWasCommitted()
{
    TestPool test;
    migrate(test.pool);
    makeTables(test.pool);
    addNumber(test.pool);
    const QString copy = test.dir.filePath(u"copy.db"_s);
    QList<double> told;
    const auto report = backUp(test.path(), copy, {}, [&told](double percent) { told.append(percent); });
    QCOMPARE(report.schema, readMigrations().last().number);
    QCOMPARE(report.bytes, QFileInfo(copy).size());
    QVERIFY(!told.isEmpty() && std::is_sorted(told.begin(), told.end()));
    QCOMPARE(told.last(), 100.0);
    QCOMPARE(QFileInfo(copy).permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
    QCOMPARE(QDir(test.dir.path()).entryList({ u"copy*"_s }, QDir::Files), QStringList{ u"copy.db"_s });
    QCOMPARE(countIn(copy), 1);
}

void tst_Backup::isOfOneMomentUnderLoad()
{
    TestPool test;
    makeTables(test.pool);
    std::atomic<qint64> acknowledged{ 0 };
    std::jthread writer([&](const std::stop_token &stop) {
        while (!stop.stop_requested()) {
            addNumber(test.pool);
            ++acknowledged;
        }
    });
    for (int round = 0; round < 5; ++round) {
        QTRY_VERIFY(acknowledged > 10 * round);
        const qint64 before = acknowledged;
        const QString copy = test.dir.filePath(u"copy%1.db"_s.arg(round));
        backUp(test.path(), copy);
        QVERIFY(countIn(copy) >= before);
        Pool pool({ .file = copy });
        const bool isWhole = pool.read({},
                                       [](Connection &c) {
                                           QSqlQuery &rows
                                               = c.execute(u"SELECT (SELECT count(*) FROM numbers) = n FROM total");
                                           return rows.next() && rows.value(0).toBool();
                                       })
                                 .future()
                                 .result();
        QVERIFY(isWhole);
    }
}

template<class Work>
static std::optional<Error::Code> codeOf(Work work)
{
    try {
        work();
        return {};
    } catch (const Error &error) {
        return error.code();
    }
}

void tst_Backup::neverReplacesAFile()
{
    TestPool test;
    QFile file(test.dir.filePath(u"letter.txt"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("dear");
    file.close();
    QCOMPARE(codeOf([&] { backUp(test.path(), file.fileName()); }), Error::Code::Conflict);
    QCOMPARE(file.size(), 4);
    QCOMPARE(codeOf([&] { backUp(test.path(), test.dir.filePath(u"none/copy.db"_s)); }), Error::Code::InvalidArgument);
}

void tst_Backup::damageIsFound()
{
    TestPool test;
    makeTables(test.pool);
    for (int i = 0; i < 2000; ++i)
        test.pool.write({}, [](Connection &c) { c.execute(u"INSERT INTO numbers VALUES (random())"); });
    addNumber(test.pool);
    const QString good = test.dir.filePath(u"good.db"_s), bad = test.dir.filePath(u"bad.db"_s);
    backUp(test.path(), good);
    QFile file(good);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(file.size() - 4096)); // a page of the table's
    file.write(QByteArray(4096, 'x'));
    file.close();
    const auto code = codeOf([&] { backUp(good, bad); });
    QVERIFY(code);
    QVERIFY(!QFile::exists(bad));
    QCOMPARE(QDir(test.dir.path()).entryList({ u"bad*"_s }), QStringList());
}

void tst_Backup::cancelledLeavesNothing()
{
    TestPool test;
    makeTables(test.pool);
    std::stop_source stop;
    const QString copy = test.dir.filePath(u"copy.db"_s);
    QCOMPARE(codeOf([&] { backUp(test.path(), copy, stop.get_token(), [&stop](double) { stop.request_stop(); }); }),
             Error::Code::Cancelled);
    QCOMPARE(QDir(test.dir.path()).entryList({ u"copy*"_s }), QStringList());
}

void tst_Backup::thereMustBeADatabase()
{
    const QTemporaryDir dir;
    QCOMPARE(codeOf([&] { backUp(dir.filePath(u"none.db"_s), dir.filePath(u"copy.db"_s)); }), Error::Code::NotFound);
    QFile file(dir.filePath(u"letter.txt"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(10'000, 'a'));
    file.close();
    QVERIFY(codeOf([&] { backUp(file.fileName(), dir.filePath(u"copy.db"_s)); }));
    QVERIFY(!QFile::exists(dir.filePath(u"copy.db"_s)));
}

QTEST_GUILESS_MAIN(tst_Backup)
#include "tst_backup.moc"
