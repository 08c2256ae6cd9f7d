// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/db/testpool.h"

#include <QFuture>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::db;
using async::CircuitBreaker;
using Code = Error::Code;

namespace {

constexpr char16_t one[] = u"SELECT 1";

async::Context ofRequest(async::Deadline deadline = {}, std::stop_token stop = {})
{
    return { .stop = std::move(stop), .deadline = deadline, .requestId = "r-1" };
}

qint64 readOne(Connection &connection)
{
    return number(connection, one);
}

/// Faults as a list says: true fails.
async::Faults::Options failing(QList<bool> list)
{
    auto left = std::make_shared<QList<bool>>(std::move(list));
    return { .errors = 0.5, .random = [left] { return !left->isEmpty() && left->takeFirst() ? 0.0 : 0.9; } };
}

Decider::Kind kindOf(const std::optional<Error> &error)
{
    return error && error->decider() ? error->decider()->kind : Decider::Kind::Validation;
}

} // namespace

class tst_Guard : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aFailingDatabaseIsLeftAlone_data();
    void aFailingDatabaseIsLeftAlone();
    void recovers();
    void whatTheServerDoesForItselfPasses();
    void onlyTheDatabasesFaultsCount();
    void aFullDiskLeavesReadsAlone();
    void readsAreTriedAgain_data();
    void readsAreTriedAgain();
    void onlyWhoAsksIsTriedAgain();
    void aRetryEndsWithItsRequest();
    void theBreakerEndsRetries();
    void aHangEndsWithTheDeadline();
    void thePoolEndsWhateverHangs();
    void readsAreShedWhileTooManyWait();
};

void tst_Guard::aFailingDatabaseIsLeftAlone_data()
{
    QTest::addColumn<bool>("writes");
    QTest::newRow("read") << false;
    QTest::newRow("write") << true;
}

void tst_Guard::aFailingDatabaseIsLeftAlone()
{
    QFETCH(const bool, writes);
    async::Faults faults(u"the database"_s);
    TestPool test({}, &faults);
    const auto ask = [&] {
        return errorOf(writes ? test.pool.write(ofRequest(), readOne).future()
                              : test.pool.read(ofRequest(), readOne).future());
    };
    QVERIFY(!ask());
    faults.set({ .errors = 1 });
    for (int i = 0; i < 5; ++i) {
        const auto error = ask();
        QVERIFY(error && error->code() == Code::Unavailable && !error->decider());
    }
    const auto refused = ask();
    QVERIFY(refused && refused->code() == Code::Unavailable);
    QCOMPARE(kindOf(refused), Decider::Kind::CircuitBreaker);
    QCOMPARE(refused->decider()->name, u"database"_s);
    QVERIFY(refused->decider()->retryAfter > 29s);
    QCOMPARE(faults.count(), 5); // it was not asked
}

void tst_Guard::recovers()
{
    async::Faults faults(u"the database"_s);
    TestPool test({ .breakerFailures = 2, .breakerOpenFor = 50ms }, &faults);
    const auto state = [&] { return test.pool.breaker().figures(std::chrono::steady_clock::now()).state; };
    faults.set({ .errors = 1 });
    for (int i = 0; i < 2; ++i)
        QVERIFY(errorOf(test.pool.read(ofRequest(), readOne).future()));
    QVERIFY(state() == CircuitBreaker::State::Open);
    faults.set({});
    QTRY_VERIFY(!errorOf(test.pool.read(ofRequest(), readOne).future()));
    QVERIFY(state() == CircuitBreaker::State::Closed);
}

void tst_Guard::whatTheServerDoesForItselfPasses()
{
    async::Faults faults(u"the database"_s);
    TestPool test({}, &faults);
    faults.set({ .errors = 1 });
    test.pool.breaker().trip();
    QVERIFY(!errorOf(test.pool.read({}, readOne).future()));
    QVERIFY(!errorOf(test.pool.write({}, readOne).future()));
    QCOMPARE(kindOf(errorOf(test.pool.write(ofRequest(), readOne).future())), Decider::Kind::CircuitBreaker);
}

void tst_Guard::onlyTheDatabasesFaultsCount()
{
    TestPool test({ .breakerFailures = 2 });
    const auto fail = [&](Error error) {
        return errorOf(test.pool.read(ofRequest(), [error](Connection &) -> int { throw error; }).future());
    };
    for (int i = 0; i < 5; ++i) {
        QVERIFY(fail(Error(Code::NotFound, u"no"_s)));
        QVERIFY(fail(Error::internal(u"a fault of ours"_s)));
        QVERIFY(fail(Error::cancelled()));
        QVERIFY(errorOf(test.pool.read(ofRequest(), [](Connection &c) { c.execute(u"SELEKT"); }).future()));
        QVERIFY(errorOf(test.pool.read(ofRequest(async::Deadline(TimePoint{})), readOne).future())); // not begun
    }
    QVERIFY(!errorOf(test.pool.read(ofRequest(), readOne).future()));
    // What is not answered in time is.
    for (int i = 0; i < 2; ++i) {
        const auto error
            = errorOf(test.pool.read(ofRequest(async::Deadline::in(30ms)), [](Connection &c) { c.execute(endlessSql); })
                          .future());
        QVERIFY(error && error->code() == Code::DeadlineExceeded);
    }
    QCOMPARE(kindOf(errorOf(test.pool.read(ofRequest(), readOne).future())), Decider::Kind::CircuitBreaker);
}

void tst_Guard::aFullDiskLeavesReadsAlone()
{
    TestPool test({ .breakerFailures = 2 });
    const auto makeSmall = [](Connection &c) { c.executeScript(u"CREATE TABLE t (v); PRAGMA max_page_count = 20"); };
    QVERIFY(!errorOf(test.pool.write({}, makeSmall).future()));
    const auto grow = [](Connection &c) { c.execute(u"INSERT INTO t VALUES (zeroblob(1000000))"); };
    for (int i = 0; i < 5; ++i) {
        const auto error = errorOf(test.pool.write(ofRequest(), grow).future());
        QVERIFY(error && error->code() == Code::Internal);
        QVERIFY(error->internalMessage().contains(u"full"_s));
    }
    QVERIFY(!errorOf(test.pool.read(ofRequest(), readOne).future()));
}

void tst_Guard::readsAreTriedAgain_data()
{
    QTest::addColumn<QList<bool>>("fails");
    QTest::addColumn<bool>("succeeds");
    QTest::addColumn<int>("retried");
    QTest::newRow("at once") << QList{ false } << true << 0;
    QTest::newRow("at the second attempt") << QList{ true, false } << true << 1;
    QTest::newRow("at the third") << QList{ true, true, false } << true << 2;
    QTest::newRow("never more than three") << QList{ true, true, true, false } << false << 2;
}

void tst_Guard::readsAreTriedAgain()
{
    QFETCH(const QList<bool>, fails);
    QFETCH(const bool, succeeds);
    QFETCH(const int, retried);
    async::Faults faults(u"the database"_s);
    TestPool test({}, &faults);
    faults.set(failing(fails));
    QCOMPARE(!errorOf(test.pool.readRetrying(ofRequest(), readOne).future()), succeeds);
    QCOMPARE(test.pool.figures().retried, retried);
    QVERIFY(test.pool.retryBudget().available() <= 10 - retried);
}

void tst_Guard::onlyWhoAsksIsTriedAgain()
{
    async::Faults faults(u"the database"_s);
    TestPool test({}, &faults);
    faults.set(failing({ true }));
    QVERIFY(errorOf(test.pool.read(ofRequest(), readOne).future()));
    int runs = 0; // by one thread at a time
    const auto conflict = [&runs](Connection &) -> int {
        ++runs;
        throw Error(Code::Conflict, u"no"_s);
    };
    QVERIFY(errorOf(test.pool.readRetrying(ofRequest(), conflict).future()));
    QCOMPARE(runs, 1);
    QCOMPARE(test.pool.figures().retried, 0);
}

void tst_Guard::aRetryEndsWithItsRequest()
{
    async::Faults faults(u"the database"_s);
    TestPool test({}, &faults);
    faults.set({ .errors = 1, .random = [] { return 0.5; } });
    // No time for another attempt: the error is told while there is time to tell it.
    QVERIFY(errorOf(test.pool.readRetrying(ofRequest(async::Deadline::in(1ms)), readOne).future()));
    QCOMPARE(test.pool.figures().retried, 0);
    std::stop_source stop;
    auto pending = test.pool.readRetrying(ofRequest({}, stop.get_token()), readOne).future();
    QTRY_VERIFY(test.pool.figures().retried > 0 || pending.isFinished());
    stop.request_stop();
    QVERIFY(errorOf(pending));
}

void tst_Guard::theBreakerEndsRetries()
{
    async::Faults faults(u"the database"_s);
    TestPool test({ .breakerFailures = 2 }, &faults);
    faults.set({ .errors = 1 });
    QCOMPARE(kindOf(errorOf(test.pool.readRetrying(ofRequest(), readOne).future())), Decider::Kind::CircuitBreaker);
    QCOMPARE(faults.count(), 2);
}

void tst_Guard::aHangEndsWithTheDeadline()
{
    async::Faults faults(u"the database"_s);
    TestPool test({}, &faults);
    faults.set({ .hangs = 1 });
    const auto error = errorOf(test.pool.read(ofRequest(async::Deadline::in(30ms)), readOne).future());
    QVERIFY(error && error->code() == Code::DeadlineExceeded);
    faults.set({});
    QVERIFY(!errorOf(test.pool.read(ofRequest(), readOne).future()));
}

void tst_Guard::thePoolEndsWhateverHangs()
{
    async::Faults faults(u"the database"_s);
    std::vector<QFuture<qint64>> pending;
    {
        TestPool test({}, &faults);
        faults.set({ .hangs = 1 });
        pending.push_back(test.pool.read(ofRequest(), readOne).future());
        pending.push_back(test.pool.write(ofRequest(), readOne).future());
        QTRY_COMPARE(faults.count(), 2);
        faults.set({ .errors = 1 });
        pending.push_back(test.pool.readRetrying(ofRequest(), readOne).future()); // waits for its next attempt
        QTRY_VERIFY(test.pool.figures().retried > 0);
    }
    for (const auto &future : pending)
        QVERIFY(errorOf(future));
}

void tst_Guard::readsAreShedWhileTooManyWait()
{
    async::Faults faults(u"the database"_s);
    TestPool test({ .maxConnections = 1, .sheddingTarget = 20ms, .sheddingInterval = 100ms }, &faults);
    faults.set({ .latency = 5ms }); // one connection: 200 a second
    std::vector<QFuture<qint64>> pending;
    for (int i = 0; i < 200; ++i)
        pending.push_back(test.pool.read(ofRequest(), readOne).future());
    auto own = test.pool.read({}, readOne).future();
    int shed = 0;
    for (const auto &future : pending) {
        const auto error = errorOf(future);
        if (!error)
            continue;
        ++shed;
        QCOMPARE(kindOf(error), Decider::Kind::Shedding);
        QCOMPARE(error->decider()->name, u"database readers"_s);
        QCOMPARE(error->decider()->limit, 0.02);
        QVERIFY(error->decider()->used > 0.02);
    }
    QVERIFY2(shed > 100, qPrintable(QString::number(shed))); // who waited for more than 40 ms, but for the first 100 ms
    QVERIFY(!errorOf(own));
    QCOMPARE(test.pool.shedder().figures().shed, shed);
    QVERIFY(!errorOf(test.pool.read(ofRequest(), readOne).future()));
}

QTEST_GUILESS_MAIN(tst_Guard)
#include "tst_guard.moc"
