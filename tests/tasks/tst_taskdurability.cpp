// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tasks/testtasks.h"

#include <QRegularExpression>

#include <atomic>
#include <future>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::tasks;

class tst_TaskDurability : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void acceptedTaskSurvivesAKill();
    void runningTaskRunsAgainAfterAKill();
    void drainKeepsWhatRuns();
    void writesThatFailAreTriedAgain_data();
    void writesThatFailAreTriedAgain();
    void stopsWhileAWriteFails();
    void beginsWhatTheThreadsRefused();
};

void tst_TaskDurability::acceptedTaskSurvivesAKill()
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

void tst_TaskDurability::runningTaskRunsAgainAfterAKill()
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

void tst_TaskDurability::drainKeepsWhatRuns()
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

void tst_TaskDurability::writesThatFailAreTriedAgain_data()
{
    QTest::addColumn<QString>("refused");
    QTest::addColumn<QString>("meanwhile");
    QTest::newRow("begin") << Status::Running << Status::Queued;
    QTest::newRow("end") << Status::Completed << Status::Running;
}

void tst_TaskDurability::writesThatFailAreTriedAgain()
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

void tst_TaskDurability::stopsWhileAWriteFails()
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

void tst_TaskDurability::beginsWhatTheThreadsRefused()
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

QTEST_GUILESS_MAIN(tst_TaskDurability)
#include "tst_taskdurability.moc"
