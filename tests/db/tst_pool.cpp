// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/currentrequest.h"
#include "tests/db/testpool.h"

#include <QCoroTask>
#include <QFile>
#include <QTest>

#include <sqlite3.h>

#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::db;

class tst_Pool : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void writesThatWaitAreCommittedTogether();
    void failingJobIsRolledBackAlone();
    void failingCommitFailsTheWholeGroup();
    void fullDiskFailsTheWholeGroupAndNoOther();
    void commitOrderIsOrderOfSubmission();
    void acknowledgedWritesSurviveAKill();
    void commitWaitsForTheDisk();
    void errorsAreMapped_data();
    void errorsAreMapped();
    void caughtErrorDoesNotFailTheJob();
    void fullQueueIsRefusedWithItsNumbers();
    void lateConnectionIsRefused();
    void readersCannotWrite();
    void readsOfOneMoment();
    void manyDifferentStatements();
    void oldConnectionsAreRenewed();
    void idleConnectionsAreClosed();
    void fileThatCannotBeOpened_data();
    void fileThatCannotBeOpened();
    void damagedFileIsNamedSo();
    void endOfThePoolCancelsWhatIsQueued();
    void eventLoopGoesOnTurning();
    void aTraceShowsWaitWorkAndCommit();
};

static void makeTable(Pool &pool)
{
    pool.write({},
               [](Connection &c) {
                   c.executeScript(u"CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v INTEGER UNIQUE, "
                                   "parent INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)");
               })
        .future()
        .waitForFinished();
}

static QFuture<void> insert(Pool &pool, qint64 value)
{
    return pool.write({}, [value](Connection &c) { c.execute(u"INSERT INTO t (v) VALUES (?)", { value }); }).future();
}

static qint64 count(Pool &pool)
{
    return pool.read({}, [](Connection &c) { return number(c, u"SELECT count(*) FROM t"); }).future().result();
}

void tst_Pool::writesThatWaitAreCommittedTogether()
{
    Gate gate;
    TestPool test;
    makeTable(test.pool);
    const auto before = test.pool.figures();
    const auto held = test.pool.write({}, [&gate](Connection &) { gate.pass(); }).future();
    QTRY_COMPARE(gate.arrived(), 1);
    QList<QFuture<void>> writes;
    for (int i = 0; i < 100; ++i)
        writes.append(insert(test.pool, i));
    QCOMPARE(test.pool.figures().queued, 100);
    gate.open();
    for (auto &write : writes)
        write.waitForFinished();
    const auto after = test.pool.figures();
    QCOMPARE(after.written - before.written, 101);
    QVERIFY2(after.commits - before.commits <= 2, qPrintable(QString::number(after.commits - before.commits)));
    QCOMPARE(count(test.pool), 100);
}

void tst_Pool::failingJobIsRolledBackAlone()
{
    Gate gate;
    TestPool test;
    makeTable(test.pool);
    const auto held = test.pool.write({}, [&gate](Connection &) { gate.pass(); }).future();
    QTRY_COMPARE(gate.arrived(), 1);
    const auto first = insert(test.pool, 1);
    const auto bad = test.pool
                         .write({},
                                [](Connection &c) {
                                    c.execute(u"INSERT INTO t (v) VALUES (2)");
                                    c.execute(u"INSERT INTO t (v) VALUES (1)");
                                })
                         .future();
    const auto own = test.pool
                         .write({},
                                [](Connection &c) {
                                    c.execute(u"INSERT INTO t (v) VALUES (3)");
                                    throw std::runtime_error("own");
                                })
                         .future();
    const auto last = insert(test.pool, 4);
    gate.open();
    QVERIFY(!errorOf(first));
    QVERIFY(errorOf(bad));
    QCOMPARE(errorOf(bad)->code(), Error::Code::Conflict);
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, QFuture<void>(own).waitForFinished());
    QVERIFY(!errorOf(last));
    const auto sum = test.pool.read({}, [](Connection &c) { return number(c, u"SELECT sum(v) FROM t"); }).future();
    QCOMPARE(sum.result(), 1 + 4);
}

void tst_Pool::failingCommitFailsTheWholeGroup()
{
    Gate gate;
    TestPool test;
    makeTable(test.pool);
    const auto held = test.pool.write({}, [&gate](Connection &) { gate.pass(); }).future();
    QTRY_COMPARE(gate.arrived(), 1);
    const auto good = insert(test.pool, 1);
    // A deferred foreign key is checked at COMMIT, not in the job.
    const auto bad
        = test.pool.write({}, [](Connection &c) { c.execute(u"INSERT INTO t (v, parent) VALUES (2, 99)"); }).future();
    gate.open();
    QVERIFY(errorOf(bad));
    QVERIFY(errorOf(good));
    QCOMPARE(count(test.pool), 0);
    QVERIFY(!errorOf(insert(test.pool, 3)));
    QCOMPARE(count(test.pool), 1);
}

void tst_Pool::fullDiskFailsTheWholeGroupAndNoOther()
{
    Gate gate;
    TestPool test;
    makeTable(test.pool);
    test.pool.write({}, [](Connection &c) { c.executeScript(u"CREATE TABLE big (b BLOB)"); })
        .future()
        .waitForFinished();
    test.pool.write({}, [](Connection &c) { c.execute(u"PRAGMA max_page_count = 30"); }).future().waitForFinished();
    const auto held = test.pool.write({}, [&gate](Connection &) { gate.pass(); }).future();
    QTRY_COMPARE(gate.arrived(), 1);
    const auto first = insert(test.pool, 1);
    const auto tooBig
        = test.pool.write({}, [](Connection &c) { c.execute(u"INSERT INTO big VALUES (zeroblob(1000000))"); }).future();
    const auto last = insert(test.pool, 2);
    gate.open();
    const auto error = errorOf(tooBig);
    QVERIFY(error);
    QCOMPARE(error->code(), Error::Code::Internal);
    QVERIFY2(error->internalMessage().contains("the disk is full"_L1), qPrintable(error->internalMessage()));
    QVERIFY(!error->message().contains("INSERT"_L1));
    // Whatever was acknowledged is there, whatever failed is not.
    const qint64 acknowledged = (errorOf(first) ? 0 : 1) + (errorOf(last) ? 0 : 1);
    QCOMPARE(count(test.pool), acknowledged);
    QVERIFY(!errorOf(last));
}

void tst_Pool::commitOrderIsOrderOfSubmission()
{
    TestPool test;
    makeTable(test.pool);
    std::mutex mutex;
    qint64 next = 0;
    QList<QFuture<void>> writes;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 250; ++i) {
                    const std::lock_guard lock(mutex); // makes "order of submission" a fact to compare with
                    writes.append(insert(test.pool, next++));
                }
            });
        }
    }
    for (auto &write : writes)
        write.waitForFinished();
    const auto outOfOrder
        = test.pool.read({}, [](Connection &c) { return number(c, u"SELECT count(*) FROM t WHERE id <> v + 1"); })
              .future();
    QCOMPARE(count(test.pool), 2000);
    QCOMPARE(outOfOrder.result(), 0);
    QVERIFY(test.pool.figures().commits < 2000);
}

void tst_Pool::acknowledgedWritesSurviveAKill()
{
    TestPool test;
    makeTable(test.pool);
    for (int i = 0; i < 50; ++i)
        QVERIFY(!errorOf(insert(test.pool, i)));
    // What a process finds that comes after a kill -9: the files as they are, nothing closed.
    QTemporaryDir after;
    const QString copy = after.filePath(u"test.db"_s);
    QVERIFY(QFile::copy(test.path(), copy));
    QVERIFY(QFile::copy(test.path() + u"-wal"_s, copy + u"-wal"_s));
    Pool reopened(Options{ .file = copy });
    QCOMPARE(count(reopened), 50);
}

void tst_Pool::commitWaitsForTheDisk()
{
    TestPool test;
    const auto settings = test.pool
                              .write({},
                                     [](Connection &c) {
                                         QSqlQuery &mode = c.execute(u"PRAGMA journal_mode");
                                         mode.next();
                                         return QStringList{ mode.value(0).toString(),
                                                             QString::number(number(c, u"PRAGMA synchronous")),
                                                             QString::number(number(c, u"PRAGMA foreign_keys")) };
                                     })
                              .future();
    QCOMPARE(settings.result(), (QStringList{ u"wal"_s, u"2"_s, u"1"_s })); // 2 is FULL
}

void tst_Pool::errorsAreMapped_data()
{
    QTest::addColumn<QString>("sql");
    QTest::addColumn<Error::Code>("code");
    QTest::newRow("unique") << u"INSERT INTO t (v) VALUES (1), (1)"_s << Error::Code::Conflict;
    QTest::newRow("syntax") << u"SELEKT 1"_s << Error::Code::Internal;
    QTest::newRow("no such table") << u"SELECT * FROM nowhere"_s << Error::Code::Internal;
    QTest::newRow("while running") << u"SELECT abs(-9223372036854775808)"_s << Error::Code::Internal;
}

void tst_Pool::errorsAreMapped()
{
    QFETCH(QString, sql);
    QFETCH(Error::Code, code);
    TestPool test;
    makeTable(test.pool);
    const auto error = errorOf(test.pool.write({}, [sql](Connection &c) { c.execute(sql).next(); }).future());
    QVERIFY(error);
    QCOMPARE(error->code(), code);
    QVERIFY2(error->internalMessage().contains(sql), qPrintable(error->internalMessage()));
    QVERIFY2(!error->message().contains(sql), "the client must not see SQL");
}

void tst_Pool::caughtErrorDoesNotFailTheJob()
{
    TestPool test;
    makeTable(test.pool);
    const auto write = test.pool
                           .write({},
                                  [](Connection &c) {
                                      c.execute(u"INSERT INTO t (v) VALUES (?)", { 1 });
                                      try {
                                          c.execute(u"INSERT INTO t (v) VALUES (?)", { 1 });
                                      } catch (const Error &) {
                                          return 7;
                                      }
                                      return 0;
                                  })
                           .future();
    QCOMPARE(write.result(), 7);
    QCOMPARE(count(test.pool), 1);
}

void tst_Pool::fullQueueIsRefusedWithItsNumbers()
{
    Gate gate;
    TestPool test({ .queue = 3 });
    const auto held = test.pool.write({}, [&gate](Connection &) { gate.pass(); }).future();
    QTRY_COMPARE(gate.arrived(), 1);
    QList<QFuture<void>> waiting;
    for (int i = 0; i < 3; ++i)
        waiting.append(test.pool.write({}, [](Connection &) { }).future());
    const auto error = errorOf(test.pool.write({}, [](Connection &) { }).future());
    QVERIFY(error);
    QCOMPARE(error->code(), Error::Code::Unavailable);
    QVERIFY(error->decider());
    QCOMPARE(error->decider()->kind, Decider::Kind::Bulkhead);
    QCOMPARE(error->decider()->name, u"database writer"_s);
    QCOMPARE(error->decider()->limit, 3.0);
    QCOMPARE(error->decider()->used, 3.0);
    QVERIFY(error->decider()->retryAfter > 0ms);
    QCOMPARE(test.pool.figures().refused, 1);
    gate.open();
    for (auto &write : waiting)
        QVERIFY(!errorOf(write));
}

void tst_Pool::lateConnectionIsRefused()
{
    Gate gate;
    TestPool test({ .acquireTimeout = 50ms });
    const auto held = test.pool.write({}, [&gate](Connection &) { gate.pass(); }).future();
    QTRY_COMPARE(gate.arrived(), 1);
    const auto late = test.pool.write({}, [](Connection &) { }).future();
    const auto error = errorOf(late); // while the writer is still held
    QVERIFY(error);
    QCOMPARE(error->code(), Error::Code::Unavailable);
    QVERIFY(error->decider());
    QCOMPARE(error->decider()->kind, Decider::Kind::Bulkhead);
    gate.open();
    QVERIFY(!errorOf(held));
    QVERIFY(!errorOf(test.pool.write({}, [](Connection &) { }).future()));
}

void tst_Pool::readersCannotWrite()
{
    TestPool test;
    makeTable(test.pool);
    QVERIFY(errorOf(test.pool.read({}, [](Connection &c) { c.execute(u"DELETE FROM t"); }).future()));
}

void tst_Pool::readsOfOneMoment()
{
    TestPool test;
    makeTable(test.pool);
    const auto count = [](Connection &c) { return number(c, u"SELECT count(*) FROM t"); };
    const auto counts = [&](bool isOneMoment) {
        return test.pool
            .read({},
                  [&, isOneMoment](Connection &c) {
                      if (isOneMoment)
                          c.readOneMoment();
                      const qint64 before = count(c);
                      insert(test.pool, before + 1).waitForFinished();
                      return std::pair(before, count(c));
                  })
            .future()
            .result();
    };
    QCOMPARE(counts(true), std::pair(0LL, 0LL));
    QCOMPARE(counts(false), std::pair(1LL, 2LL));
    for (int i = 0; i < 8; ++i) { // a failure ends it too, on each reader
        QVERIFY(errorOf(test.pool
                            .read({},
                                  [&](Connection &c) {
                                      c.readOneMoment();
                                      count(c);
                                      throw Error(Error::Code::Conflict, u"no"_s);
                                  })
                            .future()));
        QCOMPARE(counts(true), std::pair(qint64(i + 2), qint64(i + 2)));
    }
    QCOMPARE(test.pool.write({}, [&](Connection &c) { return c.readOneMoment(), count(c); }).future().result(), 10);
}

void tst_Pool::manyDifferentStatements()
{
    TestPool test;
    for (int round = 0; round < 3; ++round) {
        const auto sum = test.pool
                             .read({},
                                   [](Connection &c) {
                                       qint64 total = 0;
                                       for (int i = 0; i < 500; ++i)
                                           total += number(c, QString(u"SELECT "_s + QString::number(i)));
                                       return total;
                                   })
                             .future();
        QCOMPARE(sum.result(), 499 * 500 / 2);
    }
}

void tst_Pool::oldConnectionsAreRenewed()
{
    TestPool test({ .lifetime = 0ms });
    makeTable(test.pool);
    // A temporary table lives as long as its connection.
    test.pool.write({}, [](Connection &c) { c.executeScript(u"CREATE TEMP TABLE mine (i)"); })
        .future()
        .waitForFinished();
    QVERIFY(errorOf(test.pool.write({}, [](Connection &c) { number(c, u"SELECT count(*) FROM mine"); }).future()));
    QVERIFY(!errorOf(insert(test.pool, 1)));
}

void tst_Pool::idleConnectionsAreClosed()
{
    Gate gate;
    TestPool test({ .minConnections = 1, .idleTimeout = 20ms });
    makeTable(test.pool);
    const auto one = test.pool.read({}, [&gate](Connection &) { gate.pass(); }).future();
    const auto two = test.pool.read({}, [&gate](Connection &) { gate.pass(); }).future();
    QTRY_COMPARE(gate.arrived(), 2);
    QCOMPARE(test.pool.figures().connections, 3);
    gate.open();
    QTRY_COMPARE(test.pool.figures().connections, 1); // the writer
    QCOMPARE(count(test.pool), 0);
}

void tst_Pool::fileThatCannotBeOpened_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("no such folder") << u"none/test.db"_s << QByteArray();
    QTest::newRow("not a database") << u"test.db"_s << QByteArray(4096, 'x');
}

void tst_Pool::fileThatCannotBeOpened()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, content);
    QTemporaryDir dir;
    const QString path = dir.filePath(name);
    if (!content.isEmpty()) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
    try {
        const Pool pool(Options{ .file = path });
        QFAIL("opened");
    } catch (const Error &error) {
        QVERIFY2(error.internalMessage().startsWith("database: the database file"_L1),
                 qPrintable(error.internalMessage()));
    }
}

void tst_Pool::damagedFileIsNamedSo()
{
    QTemporaryDir dir;
    const QString path = dir.filePath(u"test.db"_s);
    {
        Pool pool(Options{ .file = path });
        makeTable(pool);
        pool.write({},
                   [](Connection &c) {
                       c.execute(u"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
                                 "INSERT INTO t (v) SELECT i FROM n");
                   })
            .future()
            .waitForFinished();
    }
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadWrite));
        file.seek(4 * 4096);
        file.write(QByteArray(int(file.size() - 6 * 4096), '\xff'));
    }
    Pool pool(Options{ .file = path });
    const auto error
        = errorOf(pool.read({}, [](Connection &c) { return number(c, u"SELECT sum(v) FROM t NOT INDEXED"); }).future());
    QVERIFY(error);
    QCOMPARE(error->code(), Error::Code::Internal);
    QVERIFY2(error->internalMessage().contains("is damaged"_L1), qPrintable(error->internalMessage()));
}

void tst_Pool::endOfThePoolCancelsWhatIsQueued()
{
    QFuture<void> queued, running;
    QFuture<qint64> endless;
    Gate gate;
    std::jthread opener;
    {
        TestPool test;
        running = test.pool.write({}, [&gate](Connection &) { gate.pass(); }).future();
        endless = test.pool.read({}, [](Connection &c) { return number(c, endlessSql); }).future();
        QTRY_COMPARE(gate.arrived(), 1);
        QTRY_COMPARE(test.pool.figures().busy, 2);
        queued = test.pool.write({}, [](Connection &) { }).future();
        opener = std::jthread([&gate, &queued] {
            errorOf(queued); // until the pool ends
            gate.open();
        });
    }
    QVERIFY(!errorOf(running));
    QCOMPARE(errorOf(queued)->code(), Error::Code::Cancelled);
    QCOMPARE(errorOf(endless)->code(), Error::Code::Cancelled);
}

static QCoro::Task<qint64> writeThenRead(Pool &pool, qint64 value)
{
    co_await pool.write({}, [value](Connection &c) { c.execute(u"INSERT INTO t (v) VALUES (?)", { value }); });
    co_return co_await pool.read({}, [value](Connection &c) {
        return number(c, QString(u"SELECT v FROM t WHERE v = "_s + QString::number(value)));
    });
}

void tst_Pool::eventLoopGoesOnTurning()
{
    Gate gate;
    TestPool test;
    makeTable(test.pool);
    const auto held = test.pool.write({}, [&gate](Connection &) { gate.pass(); }).future();
    QTRY_COMPARE(gate.arrived(), 1);
    // The loop must turn for this timer to open the gate that the coroutine waits behind.
    QTimer::singleShot(10ms, this, [&gate] { gate.open(); });
    QThread *const thread = QThread::currentThread();
    QCOMPARE(QCoro::waitFor(writeThenRead(test.pool, 42)), 42);
    QCOMPARE(QThread::currentThread(), thread);
}

void tst_Pool::aTraceShowsWaitWorkAndCommit()
{
    TestPool test;
    makeTable(test.pool);
    const auto trace = std::make_shared<async::Trace>(async::TraceParent::random());
    const async::Context context{ .requestId = "request-1", .trace = { trace, 0 } };
    QByteArray requestId;
    test.pool
        .write(context,
               [&requestId](Connection &c) {
                   requestId = async::CurrentRequest::id();
                   c.execute(u"INSERT INTO t (v)\n  VALUES (?)", { 1 });
               })
        .future()
        .waitForFinished();
    test.pool.read(context, [](Connection &c) { return number(c, u"SELECT count(*) FROM t"); })
        .future()
        .waitForFinished();
    const auto failed
        = errorOf(test.pool.read(context, [](Connection &c) { return number(c, u"SELECT nothing"); }).future());
    QVERIFY(failed);
    QCOMPARE(requestId, "request-1");
    QStringList names;
    for (const auto &span : trace->spans())
        names.append(QString::fromLatin1(span.name));
    QCOMPARE(names,
             (QStringList{ u"database wait"_s, u"database write"_s, u"database commit"_s, u"database wait"_s,
                           u"database read"_s, u"database wait"_s, u"database read"_s }));
    QCOMPARE(trace->spans()[1].attributes[0].second, "INSERT INTO t (v) VALUES (?)");
    QVERIFY(!trace->spans()[4].hasFailed);
    QVERIFY(trace->spans()[6].hasFailed);
}

QTEST_GUILESS_MAIN(tst_Pool)
#include "tst_pool.moc"
