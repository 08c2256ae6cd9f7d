// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tasks/testtasks.h"

#include <QTest>

#include <atomic>

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
    void queuedIsCancelledAtOnce();
    void runningIsToldToStop();
    void retryRunsAgain();
    void whatHasNotEndedIsNotRemoved();
    void conflictsAreNamed();
    void soManyAtATimeOfAKind();
    void higherPriorityFirst();
    void listIsPaged();
};

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
