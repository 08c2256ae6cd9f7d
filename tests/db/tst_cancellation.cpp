// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/db/testpool.h"

#include <QElapsedTimer>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::db;

/// Whoever leaves takes the query with him, and nobody else's.
class tst_Cancellation : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void stopInterruptsTheQueryWhileOthersGoOn();
    void deadlineInterruptsTheQuery();
    void interruptedRowsAreNotTakenForAll();
    void neverInterruptsTheNextJob();
    void stoppedWhileQueued();
    void deadlinePassesWhileQueued();
    void stoppedWriteIsUndone();
    void stoppedWriteLeavesItsGroupAlone();
};

static QFuture<qint64> endless(Pool &pool, async::Context context)
{
    return pool.read(std::move(context), [](Connection &c) { return number(c, endlessSql); }).future();
}

void tst_Cancellation::stopInterruptsTheQueryWhileOthersGoOn()
{
    TestPool test;
    std::stop_source leaves;
    const auto query = endless(test.pool, { .stop = leaves.get_token() });
    QTRY_COMPARE(test.pool.figures().busy, 1);
    for (int i = 0; i < 100; ++i) {
        const auto other = test.pool.read({}, [](Connection &c) { return number(c, u"SELECT 1"); }).future();
        QCOMPARE(other.result(), 1);
    }
    QVERIFY(!query.isFinished());
    leaves.request_stop();
    const auto error = errorOf(query);
    QVERIFY(error);
    QCOMPARE(error->code(), Error::Code::Cancelled);
    QTRY_COMPARE(test.pool.figures().busy, 0);
}

void tst_Cancellation::deadlineInterruptsTheQuery()
{
    TestPool test;
    QElapsedTimer timer;
    timer.start();
    const auto error = errorOf(endless(test.pool, { .deadline = async::Deadline::in(50ms) }));
    QVERIFY(error);
    QCOMPARE(error->code(), Error::Code::DeadlineExceeded);
    QVERIFY(timer.elapsed() >= 49);
    QVERIFY2(timer.elapsed() < 2000, "long after its deadline");
}

void tst_Cancellation::interruptedRowsAreNotTakenForAll()
{
    TestPool test;
    std::stop_source leaves;
    const auto rows
        = test.pool
              .read({ .stop = leaves.get_token() },
                    [&leaves](Connection &c) {
                        QSqlQuery &query = c.execute(
                            u"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n");
                        qint64 count = 0;
                        while (query.next()) {
                            if (++count == 1000)
                                leaves.request_stop();
                        }
                        return count;
                    })
              .future();
    QCOMPARE(errorOf(rows)->code(), Error::Code::Cancelled);
}

void tst_Cancellation::neverInterruptsTheNextJob()
{
    TestPool test({ .maxConnections = 1 });
    for (int i = 0; i < 200; ++i) {
        std::stop_source leaves;
        const auto left
            = test.pool
                  .read({ .stop = leaves.get_token() },
                        [](Connection &c) {
                            return number(c,
                                          u"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                                          "WHERE i < 500) SELECT count(*) FROM n");
                        })
                  .future();
        const auto next
            = test.pool
                  .read({},
                        [](Connection &c) {
                            return number(c,
                                          u"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                                          "WHERE i < 3000) SELECT count(*) FROM n");
                        })
                  .future();
        leaves.request_stop(); // before, while or after it runs
        QCOMPARE(QFuture<qint64>(next).result(), 3000);
        errorOf(left);
    }
}

void tst_Cancellation::stoppedWhileQueued()
{
    Gate gate;
    TestPool test;
    const auto held = test.pool.write({}, [&gate](Connection &) { gate.pass(); }).future();
    QTRY_COMPARE(gate.arrived(), 1);
    std::stop_source leaves;
    const auto queued = test.pool.write({ .stop = leaves.get_token() }, [](Connection &) { }).future();
    leaves.request_stop();
    QCOMPARE(errorOf(queued)->code(), Error::Code::Cancelled); // while the writer is still held
    gate.open();
}

void tst_Cancellation::deadlinePassesWhileQueued()
{
    Gate gate;
    TestPool test;
    const auto held = test.pool.write({}, [&gate](Connection &) { gate.pass(); }).future();
    QTRY_COMPARE(gate.arrived(), 1);
    const auto queued = test.pool.write({ .deadline = async::Deadline::in(20ms) }, [](Connection &) { }).future();
    QCOMPARE(errorOf(queued)->code(), Error::Code::DeadlineExceeded);
    gate.open();
}

static constexpr char16_t longInsert[]
    = u"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) "
      "INSERT INTO t SELECT i FROM n";

void tst_Cancellation::stoppedWriteIsUndone()
{
    TestPool test;
    test.pool.write({}, [](Connection &c) { c.executeScript(u"CREATE TABLE t (v)"); }).future().waitForFinished();
    std::stop_source leaves;
    const auto write
        = test.pool.write({ .stop = leaves.get_token() }, [](Connection &c) { c.execute(longInsert); }).future();
    QTRY_COMPARE(test.pool.figures().busy, 1);
    leaves.request_stop();
    QCOMPARE(errorOf(write)->code(), Error::Code::Cancelled);
    const auto count = test.pool.read({}, [](Connection &c) { return number(c, u"SELECT count(*) FROM t"); }).future();
    QCOMPARE(count.result(), 0);
    QVERIFY(
        !errorOf(test.pool.write({}, [](Connection &c) { c.execute(u"INSERT INTO t VALUES (?)", { 1 }); }).future()));
}

void tst_Cancellation::stoppedWriteLeavesItsGroupAlone()
{
    Gate gate;
    TestPool test;
    test.pool.write({}, [](Connection &c) { c.executeScript(u"CREATE TABLE t (v)"); }).future().waitForFinished();
    const auto held = test.pool.write({}, [&gate](Connection &) { gate.pass(); }).future();
    QTRY_COMPARE(gate.arrived(), 1);
    const auto before
        = test.pool.write({}, [](Connection &c) { c.execute(u"INSERT INTO t VALUES (?)", { 10 }); }).future();
    std::stop_source leaves;
    const auto stopped = test.pool
                             .write({ .stop = leaves.get_token() },
                                    [&leaves](Connection &c) {
                                        c.execute(u"INSERT INTO t VALUES (1)");
                                        leaves.request_stop();
                                        // A write that is long enough to be looked at, but that must not take its group
                                        // along.
                                        c.execute(u"INSERT INTO t VALUES (2)");
                                    })
                             .future();
    const auto good
        = test.pool.write({}, [](Connection &c) { c.execute(u"INSERT INTO t VALUES (?)", { 3 }); }).future();
    gate.open();
    QCOMPARE(errorOf(stopped)->code(), Error::Code::Cancelled);
    QVERIFY(!errorOf(before));
    QVERIFY(!errorOf(good));
    const auto sum = test.pool.read({}, [](Connection &c) { return number(c, u"SELECT sum(v) FROM t"); }).future();
    QCOMPARE(sum.result(), 10 + 3);
}

QTEST_GUILESS_MAIN(tst_Cancellation)
#include "tst_cancellation.moc"
