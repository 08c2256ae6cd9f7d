// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tasks/testtasks.h"

#include <QRegularExpression>
#include <QTest>

#include <atomic>
#include <future>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::tasks;

class tst_Tasks : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void runsAndKeepsTheResult();
    void failureIsShownAndDetailsAreNot();
    void unknownKindAndWrongParamsAreRefused();
    void acceptedTaskSurvivesAKill();
    void runningTaskRunsAgainAfterAKill();
    void queuedIsCancelledAtOnce();
    void runningIsToldToStop();
    void retryRunsAgain();
    void whatHasNotEndedIsNotRemoved();
    void conflictsAreNamed();
    void soManyAtATimeOfAKind();
    void higherPriorityFirst();
    void drainKeepsWhatRuns();
    void writesThatFailAreTriedAgain_data();
    void writesThatFailAreTriedAgain();
    void stopsWhileAWriteFails();
    void beginsWhatTheThreadsRefused();
    void progressIsCoalesced();
    void lastProgressOfABurstIsTold();
    void progressAndEtaAreSeen();
    void listIsPaged();
};

static Handler through(Gate &gate)
{
    return [&gate](Job &job) {
        if (!gate.pass(job))
            throw Error::cancelled();
        return QJsonObject{ { u"attempt"_s, job.attempt() } };
    };
}

void tst_Tasks::runsAndKeepsTheResult()
{
    TestTasks test;
    test.service->addKind(u"echo"_s, [](Job &job) { return job.params(); });
    test.service->start();
    const auto task = test.submit(u"echo"_s, 3, { { u"a"_s, 1 } });
    QCOMPARE(toString(task.status), Status::Queued);
    QCOMPARE(task.priority, 3);
    QTRY_COMPARE(test.status(task.id), Status::Completed);
    const auto ended = test.get(task.id);
    QCOMPARE(ended.result, (QJsonObject{ { u"a"_s, 1 } }));
    QCOMPARE(ended.progress, 100.0);
    QCOMPARE(ended.attempts, 1);
    QVERIFY(ended.startedAt && ended.finishedAt);
}

void tst_Tasks::failureIsShownAndDetailsAreNot()
{
    TestTasks test;
    test.service->addKind(u"fails"_s, [](Job &) -> QJsonObject { throw Error(Error::Code::Conflict, u"no room"_s); });
    test.service->addKind(u"breaks"_s, [](Job &) -> QJsonObject { throw std::runtime_error("secret"); });
    test.service->start();
    const auto fails = test.submit(u"fails"_s).id, breaks = test.submit(u"breaks"_s).id;
    QTRY_COMPARE(test.status(fails), Status::Failed);
    QCOMPARE(test.get(fails).message, u"no room"_s);
    QTRY_COMPARE(test.status(breaks), Status::Failed);
    QCOMPARE(test.get(breaks).message, u"internal error"_s);
}

void tst_Tasks::unknownKindAndWrongParamsAreRefused()
{
    TestTasks test;
    test.service->addKind(u"picky"_s, [](Job &) { return QJsonObject(); }, { .check = [](const QJsonObject &params) {
                              if (params.isEmpty())
                                  throw Error(Error::Code::FailedValidation, u"empty"_s);
                          } });
    QCOMPARE(errorFrom([&] { test.submit(u"other"_s); }), Error::Code::FailedValidation);
    QCOMPARE(errorFrom([&] { test.submit(u"picky"_s); }), Error::Code::FailedValidation);
    QCOMPARE(test.service->list({}, {}).result().items.size(), 0);
    QCOMPARE(errorFrom([&] { test.get(1); }), Error::Code::NotFound);
}

void tst_Tasks::acceptedTaskSurvivesAKill()
{
    TestTasks test;
    test.service->addKind(u"echo"_s, [](Job &job) { return job.params(); }); // never started: nothing runs it
    const auto task = test.submit(u"echo"_s);
    // What the next process finds after a kill -9: the files as they are.
    TestTasks next;
    next.close();
    for (const auto *const suffix : { "", "-wal" }) {
        const QString name = u"test.db"_s + QString::fromLatin1(suffix);
        QFile::remove(next.dir.filePath(name));
        QVERIFY(QFile::copy(test.dir.filePath(name), next.dir.filePath(name)));
    }
    next.open();
    next.service->addKind(u"echo"_s, [](Job &job) { return job.params(); });
    next.service->start();
    QTRY_COMPARE(next.status(task.id), Status::Completed);
}

void tst_Tasks::runningTaskRunsAgainAfterAKill()
{
    Gate never, open; // outlives the handlers
    TestTasks test;
    test.service->addKind(u"work"_s, through(never));
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(never.arrived(), 1);
    QCOMPARE(test.status(id), Status::Running);
    TestTasks next;
    next.close();
    for (const auto *const suffix : { "", "-wal" }) {
        const QString name = u"test.db"_s + QString::fromLatin1(suffix);
        QFile::remove(next.dir.filePath(name));
        QVERIFY(QFile::copy(test.dir.filePath(name), next.dir.filePath(name)));
    }
    next.open();
    open.open();
    next.service->addKind(u"work"_s, through(open));
    next.service->start();
    QTRY_COMPARE(next.status(id), Status::Completed);
    QCOMPARE(next.get(id).attempts, 2);
    QCOMPARE(next.get(id).result.value("attempt"_L1).toInt(), 2);
}

void tst_Tasks::queuedIsCancelledAtOnce()
{
    Gate gate; // outlives the handlers
    TestTasks test;
    test.service->addKind(u"work"_s, through(gate));
    test.service->start();
    const auto first = test.submit(u"work"_s).id;
    QTRY_COMPARE(gate.arrived(), 1);
    const auto second = test.submit(u"work"_s).id;
    QCOMPARE(toString(test.service->cancel({}, second).result().status), Status::Cancelled);
    gate.open();
    QTRY_COMPARE(test.status(first), Status::Completed);
    QVERIFY(test.service->waitForStopped(5s));
    QCOMPARE(gate.arrived(), 1);
    QCOMPARE(test.get(second).attempts, 0);
}

void tst_Tasks::runningIsToldToStop()
{
    Gate never; // outlives the handlers
    TestTasks test;
    test.service->addKind(u"work"_s, through(never));
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(never.arrived(), 1);
    test.service->cancel({}, id).waitForFinished();
    QTRY_COMPARE(test.status(id), Status::Cancelled);
    QVERIFY(test.get(id).finishedAt);
}

void tst_Tasks::retryRunsAgain()
{
    TestTasks test;
    std::atomic<bool> isGood{ false };
    test.service->addKind(u"work"_s, [&isGood](Job &) -> QJsonObject {
        if (!isGood)
            throw Error(Error::Code::Unavailable, u"not now"_s);
        return {};
    });
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(test.status(id), Status::Failed);
    isGood = true;
    QCOMPARE(toString(test.service->retry({}, id).result().status), Status::Queued);
    QTRY_COMPARE(test.status(id), Status::Completed);
    QCOMPARE(test.get(id).attempts, 2);
    QCOMPARE(test.get(id).message, QString());
}

void tst_Tasks::whatHasNotEndedIsNotRemoved()
{
    Gate gate; // outlives the handlers
    TestTasks test;
    test.service->addKind(u"work"_s, through(gate));
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(gate.arrived(), 1);
    QCOMPARE(errorFrom([&] { test.service->remove({}, id).result(); }), Error::Code::Conflict);
    gate.open();
    QTRY_COMPARE(test.status(id), Status::Completed);
    QCOMPARE(test.service->remove({}, id).result(), id);
    QCOMPARE(errorFrom([&] { test.get(id); }), Error::Code::NotFound);
}

void tst_Tasks::conflictsAreNamed()
{
    TestTasks test;
    test.service->addKind(u"work"_s, [](Job &) { return QJsonObject(); });
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(test.status(id), Status::Completed);
    QCOMPARE(errorFrom([&] { test.service->cancel({}, id).result(); }), Error::Code::Conflict);
    QCOMPARE(errorFrom([&] { test.service->retry({}, id).result(); }), Error::Code::Conflict);
    QCOMPARE(errorFrom([&] { test.service->cancel({}, 99).result(); }), Error::Code::NotFound);
}

void tst_Tasks::soManyAtATimeOfAKind()
{
    Gate gate, other; // outlives the handlers
    TestTasks test;
    test.service->addKind(u"two"_s, through(gate), { .concurrency = 2 });
    test.service->addKind(u"one"_s, through(other), { .concurrency = 1 });
    test.service->start();
    QList<qint64> ids;
    for (int i = 0; i < 6; ++i)
        ids.append(test.submit(u"two"_s).id);
    ids.append(test.submit(u"one"_s).id);
    QTRY_COMPARE(gate.arrived(), 2);
    QTRY_COMPARE(other.arrived(), 1); // another kind does not wait behind them
    QCOMPARE(test.service->runningCount(), 3);
    QCOMPARE(gate.arrived(), 2);
    gate.open();
    other.open();
    for (const qint64 id : ids)
        QTRY_COMPARE(test.status(id), Status::Completed);
}

void tst_Tasks::higherPriorityFirst()
{
    TestTasks test;
    std::mutex mutex;
    QList<qint64> order;
    test.service->addKind(u"work"_s, [&](Job &job) {
        const std::lock_guard lock(mutex);
        order.append(job.id());
        return QJsonObject();
    });
    const auto low = test.submit(u"work"_s, 0).id, high = test.submit(u"work"_s, 10).id,
               alsoHigh = test.submit(u"work"_s, 10).id;
    test.service->start();
    QTRY_COMPARE(test.status(low), Status::Completed);
    const std::lock_guard lock(mutex);
    QCOMPARE(order, (QList<qint64>{ high, alsoHigh, low }));
}

void tst_Tasks::drainKeepsWhatRuns()
{
    Gate never, open; // outlives the handlers
    TestTasks test;
    test.service->addKind(u"work"_s, through(never));
    test.service->start();
    const auto running = test.submit(u"work"_s).id;
    QTRY_COMPARE(never.arrived(), 1);
    const auto queued = test.submit(u"work"_s).id;
    test.service->stop();
    QVERIFY(test.service->waitForStopped(5s));
    QCOMPARE(test.status(running), Status::Queued);
    QCOMPARE(test.status(queued), Status::Queued);
    QCOMPARE(never.arrived(), 1);
    test.close();
    test.open();
    open.open();
    test.service->addKind(u"work"_s, through(open));
    test.service->start();
    QTRY_COMPARE(test.status(queued), Status::Completed);
    QTRY_COMPARE(test.status(running), Status::Completed);
    QCOMPARE(test.get(running).attempts, 2);
}

namespace {

/// Makes each write of this status fail by an error of the database itself, as a full disk would.
void refuseStatus(TestTasks &test, const QString &status)
{
    test.pool
        ->write({},
                [status](db::Connection &c) {
                    c.execute(u"CREATE TRIGGER refusal BEFORE UPDATE ON tasks WHEN NEW.status = '%1' "
                              "BEGIN SELECT json('not JSON'); END"_s.arg(status));
                })
        .future()
        .waitForFinished();
}

/// While it lives, counts the warnings that match, in place of printing them.
class Warnings
{
public:
    explicit Warnings(const QString &pattern)
    {
        s_expected.setPattern(pattern);
        s_count = 0;
        s_previous = qInstallMessageHandler(take);
    }
    ~Warnings() { qInstallMessageHandler(s_previous); }
    static int count() { return s_count; }

private:
    static void take(QtMsgType type, const QMessageLogContext &context, const QString &text)
    {
        if (type == QtWarningMsg && s_expected.match(text).hasMatch())
            ++s_count;
        else
            s_previous(type, context, text);
    }
    static inline QRegularExpression s_expected;
    static inline std::atomic<int> s_count;
    static inline QtMessageHandler s_previous;
};

void acceptStatus(TestTasks &test)
{
    test.pool->write({}, [](db::Connection &c) { c.execute(u"DROP TRIGGER refusal"_s); }).future().waitForFinished();
}

} // namespace

void tst_Tasks::writesThatFailAreTriedAgain_data()
{
    QTest::addColumn<QString>("refused");
    QTest::addColumn<QString>("meanwhile");
    QTest::newRow("begin") << Status::Running << Status::Queued;
    QTest::newRow("end") << Status::Completed << Status::Running;
}

void tst_Tasks::writesThatFailAreTriedAgain()
{
    QFETCH(const QString, refused);
    QFETCH(const QString, meanwhile);
    TestTasks test;
    refuseStatus(test, refused);
    test.service->addKind(u"work"_s, [](Job &) { return QJsonObject{ { u"answer"_s, 42 } }; });
    const Warnings tries(u"task 1: .*trying again"_s);
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(test.service->runningCount(), 1);
    QTRY_VERIFY(tries.count() > 0); // not earlier: the first try might find the way free
    QCOMPARE(test.status(id), meanwhile);
    acceptStatus(test);
    QTRY_COMPARE(test.status(id), Status::Completed);
    QCOMPARE(test.get(id).attempts, 1);
    QCOMPARE(test.get(id).result.value(u"answer"_s).toInt(), 42);
}

void tst_Tasks::stopsWhileAWriteFails()
{
    TestTasks test;
    refuseStatus(test, Status::Completed);
    test.service->addKind(u"work"_s, [](Job &) { return QJsonObject(); });
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(test.status(id), Status::Running);
    test.service->stop();
    QVERIFY(test.service->waitForStopped(5s));
    acceptStatus(test);
    test.close();
    test.open();
    test.service->addKind(u"work"_s, [](Job &) { return QJsonObject(); });
    test.service->start();
    QTRY_COMPARE(test.status(id), Status::Completed);
}

void tst_Tasks::beginsWhatTheThreadsRefused()
{
    TestTasks test;
    test.service.reset();
    test.threads.emplace(runtime::Options{ .blockingThreads = 1, .blockingQueue = 1 });
    test.service.emplace(*test.pool, *test.threads);
    test.service->addKind(u"work"_s, [](Job &) { return QJsonObject(); });
    std::promise<void> isBusy, mayEnd;
    const auto busy = test.threads->run({}, [&] {
        isBusy.set_value();
        mayEnd.get_future().wait();
    });
    isBusy.get_future().wait();
    const auto queued = test.threads->run({}, [] { });
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QCOMPARE(test.service->runningCount(), 0); // refused
    mayEnd.set_value();
    QTRY_COMPARE(test.status(id), Status::Completed); // and no other task has ended
}

namespace {

/// What a listener was told.
class Told
{
public:
    explicit Told(Service &service)
    {
        service.addListener([this](const Service::Change &change) {
            const std::lock_guard lock(m_mutex);
            m_changes.append(change);
        });
    }
    QList<Service::Change> changes() const
    {
        const std::lock_guard lock(m_mutex);
        return m_changes;
    }

private:
    mutable std::mutex m_mutex;
    QList<Service::Change> m_changes;
};

} // namespace

void tst_Tasks::progressIsCoalesced()
{
    TestTasks test;
    const auto told = std::make_unique<Told>(*test.service);
    QElapsedTimer timer;
    test.service->addKind(u"work"_s, [](Job &job) {
        for (int i = 0; i < 100'000; ++i)
            job.setProgress(i / 1000.0, u"step"_s);
        return QJsonObject();
    });
    test.service->start();
    timer.start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(test.status(id), Status::Completed);
    QTRY_COMPARE(toString(told->changes().last().progress.status), Status::Completed);
    const auto changes = told->changes();
    // Queued, running and completed, ten a second, and one for each that began or ended in between.
    QVERIFY2(changes.size() <= 6 + timer.elapsed() / 100, qPrintable(QString::number(changes.size())));
    QCOMPARE(toString(changes.first().progress.status), Status::Queued);
    double last = 0;
    quint64 offset = 0;
    for (const auto &change : changes) {
        QVERIFY(change.progress.progress >= last);
        QVERIFY(change.offset > offset);
        last = change.progress.progress;
        offset = change.offset;
    }
    test.close(); // before the listener's target
}

void tst_Tasks::lastProgressOfABurstIsTold()
{
    Gate gate; // outlives the handlers
    TestTasks test;
    const auto told = std::make_unique<Told>(*test.service);
    test.service->addKind(u"work"_s, [&gate](Job &job) {
        for (int i = 1; i <= 50; ++i)
            job.setProgress(i, u"step %1"_s.arg(i));
        gate.pass(job); // and then nothing for a long time
        return QJsonObject();
    });
    test.service->start();
    test.submit(u"work"_s);
    QTRY_COMPARE(told->changes().last().progress.progress, 50.0);
    QCOMPARE(told->changes().last().progress.message, u"step 50"_s);
    gate.open();
    test.close();
}

void tst_Tasks::progressAndEtaAreSeen()
{
    Gate gate; // outlives the handlers
    TestTasks test;
    test.service->addKind(u"work"_s, [&gate](Job &job) {
        job.setProgress(25, u"a quarter"_s);
        gate.pass(job);
        return QJsonObject();
    });
    test.service->start();
    const auto id = test.submit(u"work"_s).id;
    QTRY_COMPARE(gate.arrived(), 1);
    const auto task = test.get(id);
    QCOMPARE(task.progress, 25.0);
    QCOMPARE(task.message, u"a quarter"_s);
    QVERIFY(task.etaSeconds.has_value());
    const auto live = test.service->progress(id);
    QVERIFY(live);
    QCOMPARE(live->progress.progress, 25.0);
    gate.open();
    QTRY_COMPARE(test.status(id), Status::Completed);
    QTRY_VERIFY(!test.service->progress(id));
}

void tst_Tasks::listIsPaged()
{
    TestTasks test;
    test.service->addKind(u"work"_s, [](Job &) { return QJsonObject(); });
    QList<qint64> ids;
    for (int i = 0; i < 5; ++i)
        ids.prepend(test.submit(u"work"_s).id);
    test.service->cancel({}, ids[1]).waitForFinished();
    const auto first = test.service->list({}, { .limit = 3 }).result();
    QCOMPARE(first.items.size(), 3);
    QCOMPARE(first.items[0].id, ids[0]);
    QVERIFY(first.next);
    const auto second = test.service->list({}, { .cursor = first.next, .limit = 3 }).result();
    QCOMPARE(second.items.size(), 2);
    QCOMPARE(second.items[0].id, ids[3]);
    QVERIFY(!second.next);
    const auto cancelled = test.service->list({}, { .status = protocol::TaskStatus::Cancelled }).result();
    QCOMPARE(cancelled.items.size(), 1);
    QCOMPARE(cancelled.items[0].id, ids[1]);
}

QTEST_GUILESS_MAIN(tst_Tasks)
#include "tst_tasks.moc"
