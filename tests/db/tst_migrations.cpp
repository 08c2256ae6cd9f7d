// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/migrations.h"
#include "tests/db/testpool.h"

#include <QDir>
#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::db;

class tst_Migrations : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void freshDatabaseGetsAll();
    void builtInOnesApply();
    void upgradeAppliesOnlyWhatIsNew();
    void newerDatabaseIsRefused();
    void changedMigrationIsRefused();
    void brokenMigrationIsRolledBackAlone();
    void filesAreReadInOrder();
    void sameNumberTwiceIsRefused();
    void lineEndsDoNotCount();
};

static const Migration one{ .number = 1, .name = u"0001_a.sql"_s, .sql = u"CREATE TABLE a (id {{identity}});"_s };
static const Migration two{ .number = 2,
                            .name = u"0002_b.sql"_s,
                            .sql = u"CREATE TABLE b (v); INSERT INTO b VALUES (1);"_s };

static qint64 read(Pool &pool, const QString &sql)
{
    return pool.read({}, [sql](Connection &c) { return number(c, sql); }).future().result();
}

template<class Work>
static std::optional<Error> errorFrom(Work work)
{
    try {
        work();
        return {};
    } catch (const Error &error) {
        return error;
    }
}

void tst_Migrations::freshDatabaseGetsAll()
{
    TestPool test;
    QCOMPARE(migrate(test.pool, { one, two }), 2);
    QCOMPARE(read(test.pool, u"SELECT count(*) FROM a"_s), 0);
    QCOMPARE(read(test.pool, u"SELECT count(*) FROM b"_s), 1);
    QCOMPARE(migrate(test.pool, { one, two }), 0);
    QCOMPARE(read(test.pool, u"SELECT count(*) FROM b"_s), 1);
}

void tst_Migrations::builtInOnesApply()
{
    TestPool test;
    const auto builtIn = readMigrations();
    QVERIFY(!builtIn.isEmpty());
    QCOMPARE(migrate(test.pool), int(builtIn.size()));
    QCOMPARE(migrate(test.pool), 0);
    QCOMPARE(read(test.pool, u"SELECT count(*) FROM documents"_s), 0);
    QCOMPARE(read(test.pool, u"SELECT count(*) FROM documents_fts"_s), 0);
    QCOMPARE(read(test.pool, u"SELECT count(*) FROM tasks"_s), 0);
}

void tst_Migrations::upgradeAppliesOnlyWhatIsNew()
{
    TestPool test;
    QCOMPARE(migrate(test.pool, { one }), 1);
    QCOMPARE(migrate(test.pool, { one, two }), 1);
    QCOMPARE(read(test.pool, u"SELECT count(*) FROM schema_migrations"_s), 2);
}

void tst_Migrations::newerDatabaseIsRefused()
{
    TestPool test;
    migrate(test.pool, { one, two });
    const auto error = errorFrom([&] { migrate(test.pool, { one }); });
    QVERIFY(error);
    QCOMPARE(error->code(), Error::Code::Conflict);
    QVERIFY2(error->message().contains("newer version"_L1), qPrintable(error->message()));
    QVERIFY2(error->message().contains("schema 2"_L1), qPrintable(error->message()));
}

void tst_Migrations::changedMigrationIsRefused()
{
    TestPool test;
    migrate(test.pool, { one, two });
    Migration changed = two;
    changed.sql += u" INSERT INTO b VALUES (2);"_s;
    const auto error = errorFrom([&] { migrate(test.pool, { one, changed }); });
    QVERIFY(error);
    QCOMPARE(error->code(), Error::Code::Conflict);
    QVERIFY(error->message().contains(two.name));
}

void tst_Migrations::brokenMigrationIsRolledBackAlone()
{
    TestPool test;
    const Migration broken{ .number = 3,
                            .name = u"0003_c.sql"_s,
                            .sql = u"CREATE TABLE c (v); INSERT INTO nowhere VALUES (1);"_s };
    const auto error = errorFrom([&] { migrate(test.pool, { one, two, broken }); });
    QVERIFY(error);
    QVERIFY2(error->internalMessage().contains(broken.name), qPrintable(error->internalMessage()));
    QCOMPARE(read(test.pool, u"SELECT count(*) FROM sqlite_master WHERE name IN ('a', 'b', 'c')"_s), 2);
    QCOMPARE(read(test.pool, u"SELECT max(number) FROM schema_migrations"_s), 2);
}

static void writeFile(const QString &path, const QByteArray &content)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

void tst_Migrations::filesAreReadInOrder()
{
    const QTemporaryDir dir;
    writeFile(dir.filePath(u"0010_later.sql"_s), "SELECT 10;");
    writeFile(dir.filePath(u"0002_first.sql"_s), "SELECT 2;");
    writeFile(dir.filePath(u"0002_first.sqlite.sql"_s), "SELECT 22;");
    writeFile(dir.filePath(u"0002_first.postgresql.sql"_s), "SELECT 'other';");
    const auto found = readMigrations(dir.path());
    QCOMPARE(found.size(), 2);
    QCOMPARE(found[0].number, 2);
    QCOMPARE(found[0].sql, u"SELECT 2;SELECT 22;"_s);
    QCOMPARE(found[1].name, u"0010_later.sql"_s);
}

void tst_Migrations::sameNumberTwiceIsRefused()
{
    const QTemporaryDir dir;
    writeFile(dir.filePath(u"0001_a.sql"_s), "SELECT 1;");
    writeFile(dir.filePath(u"001_b.sql"_s), "SELECT 1;");
    QVERIFY(errorFrom([&] { readMigrations(dir.path()); }));
}

void tst_Migrations::lineEndsDoNotCount()
{
    Migration windows = one;
    windows.sql = u"SELECT 1;\r\n"_s;
    Migration unixLike = one;
    unixLike.sql = u"SELECT 1;\n"_s;
    QCOMPARE(windows.checksum(), unixLike.checksum());
}

QTEST_GUILESS_MAIN(tst_Migrations)
#include "tst_migrations.moc"
