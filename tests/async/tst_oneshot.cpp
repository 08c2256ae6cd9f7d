// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/oneshot.h"
#include "tests/async/ownedcoroutine.h"

#include <QCoroTask>
#include <QFutureWatcher>
#include <QThread>
#include <QtTest>

#include <memory>
#include <thread>

using namespace godwit;
using namespace godwit::async;
using namespace Qt::StringLiterals;
using test::OwnedCoroutine;

class tst_OneShot : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void resultBeforeTheWait();
    void resultDuringTheWait();
    void resultFromAnotherThreadArrivesInOurs();
    void voidAndMoveOnly();
    void exceptionArrives();
    void errorArrives();
    void abandonedFinisherCancels_data();
    void abandonedFinisherCancels();
    void setFromPassesResultsAndExceptions();
    void resultNobodyWaitsForIsDropped();
    void futureFace_data();
    void futureFace();
    void futureWatcherIsTold();
    void resultAfterTheThreadEndedIsNotResumed();
    void finisherOutlivesTheWaitersThread();
    void manyFromManyThreads();
};

template<class T>
static QCoro::Task<T> await(OneShot<T> result)
{
    co_return co_await result;
}

static QCoro::Task<Error::Code> codeOf(OneShot<int> result)
{
    try {
        co_await result;
    } catch (const Error &error) {
        co_return error.code();
    }
    co_return Error::Code::Internal; // none was thrown
}

static QCoro::Task<QByteArray> messageOf(OneShot<int> result)
{
    try {
        co_await result;
    } catch (const std::runtime_error &error) {
        co_return error.what();
    }
    co_return QByteArray();
}

void tst_OneShot::resultBeforeTheWait()
{
    auto [finisher, result] = oneShot<int>();
    QVERIFY(!result.isFinished());
    finisher.set(42);
    QVERIFY(result.isFinished());
    const auto task = await(std::move(result));
    QVERIFY(task.isReady()); // without the loop
    QCOMPARE(QCoro::waitFor(task), 42);
}

void tst_OneShot::resultDuringTheWait()
{
    auto [finisher, result] = oneShot<int>();
    const auto task = await(std::move(result));
    QVERIFY(!task.isReady());
    finisher.set(42);
    QVERIFY(!task.isReady()); // resumed from the loop, not from inside set()
    QTRY_VERIFY(task.isReady());
    QCOMPARE(QCoro::waitFor(task), 42);
}

static QCoro::Task<QThread *> threadAfter(OneShot<QThread *> result, QThread *&produced)
{
    produced = co_await result;
    co_return QThread::currentThread();
}

void tst_OneShot::resultFromAnotherThreadArrivesInOurs()
{
    auto [finisher, result] = oneShot<QThread *>();
    QThread *produced = nullptr;
    const auto task = threadAfter(std::move(result), produced);
    std::jthread producer([finisher = std::move(finisher)]() mutable { finisher.set(QThread::currentThread()); });
    QCOMPARE(QCoro::waitFor(task), QThread::currentThread());
    QVERIFY(produced && produced != QThread::currentThread());
}

static QCoro::Task<int> voidThenMoveOnly(OneShot<void> first, OneShot<std::unique_ptr<int>> second)
{
    co_await first;
    const auto pointer = co_await second;
    co_return *pointer;
}

void tst_OneShot::voidAndMoveOnly()
{
    auto [first, firstResult] = oneShot<void>();
    auto [second, secondResult] = oneShot<std::unique_ptr<int>>();
    const auto task = voidThenMoveOnly(std::move(firstResult), std::move(secondResult));
    first.set();
    second.set(std::make_unique<int>(7));
    QCOMPARE(QCoro::waitFor(task), 7);
}

void tst_OneShot::exceptionArrives()
{
    auto [finisher, result] = oneShot<int>();
    finisher.fail(std::make_exception_ptr(std::runtime_error("broken")));
    QCOMPARE(QCoro::waitFor(messageOf(std::move(result))), "broken");
}

void tst_OneShot::errorArrives()
{
    auto [finisher, result] = oneShot<int>();
    const auto task = codeOf(std::move(result));
    finisher.fail(Error(Error::Code::NotFound, u"gone"_s));
    QCOMPARE(QCoro::waitFor(task), Error::Code::NotFound);
}

void tst_OneShot::abandonedFinisherCancels_data()
{
    QTest::addColumn<bool>("before");
    QTest::addColumn<bool>("byAssignment");
    QTest::newRow("before the wait") << true << false;
    QTest::newRow("during the wait") << false << false;
    QTest::newRow("by another in its place, before") << true << true;
    QTest::newRow("by another in its place, during") << false << true;
}

void tst_OneShot::abandonedFinisherCancels()
{
    QFETCH(bool, before);
    QFETCH(bool, byAssignment);
    auto [finisher, result] = oneShot<int>();
    std::optional<OneShot<int>::Finisher> owner(std::move(finisher));
    const auto abandon = [&] {
        if (byAssignment)
            *owner = {};
        else
            owner.reset();
    };
    if (before)
        abandon();
    const auto task = codeOf(std::move(result));
    if (!before)
        abandon();
    QCOMPARE(QCoro::waitFor(task), Error::Code::Cancelled);
}

void tst_OneShot::setFromPassesResultsAndExceptions()
{
    auto [good, goodResult] = oneShot<int>();
    good.setFrom([] { return 3; });
    QCOMPARE(QCoro::waitFor(await(std::move(goodResult))), 3);
    auto [bad, badResult] = oneShot<int>();
    bad.setFrom([]() -> int { throw Error(Error::Code::Conflict, u"twice"_s); });
    QCOMPARE(QCoro::waitFor(codeOf(std::move(badResult))), Error::Code::Conflict);
}

void tst_OneShot::resultNobodyWaitsForIsDropped()
{
    const auto token = std::make_shared<int>(); // shared with the result, to see whether it is gone
    auto [finisher, result] = oneShot<std::shared_ptr<int>>();
    {
        const auto dropped = std::move(result);
    }
    finisher.set(token);
    QCOMPARE(token.use_count(), 1);
}

void tst_OneShot::futureFace_data()
{
    QTest::addColumn<bool>("before");
    QTest::addColumn<bool>("fails");
    for (const bool before : { true, false }) {
        const char *const when = before ? "finished before" : "finished after";
        QTest::addRow("value, %s", when) << before << false;
        QTest::addRow("error, %s", when) << before << true;
    }
}

void tst_OneShot::futureFace()
{
    QFETCH(bool, before);
    QFETCH(bool, fails);
    auto [finisher, result] = oneShot<QString>();
    const auto finish = [&finisher = finisher, fails] {
        if (fails)
            finisher.fail(Error(Error::Code::NotFound, u"gone"_s));
        else
            finisher.set(u"here"_s);
    };
    if (before)
        finish();
    auto future = std::move(result).future();
    QCOMPARE(future.isFinished(), before);
    if (!before)
        finish();
    QVERIFY(future.isFinished());
    if (fails)
        QVERIFY_THROWS_EXCEPTION(Error, future.waitForFinished());
    else
        QCOMPARE(future.result(), u"here"_s);
}

void tst_OneShot::futureWatcherIsTold()
{
    auto [finisher, result] = oneShot<void>();
    QFutureWatcher<void> watcher;
    QSignalSpy finished(&watcher, &QFutureWatcher<void>::finished);
    watcher.setFuture(std::move(result).future());
    std::jthread producer([finisher = std::move(finisher)]() mutable { finisher.set(); });
    QTRY_COMPARE(finished.size(), 1);
}

static OwnedCoroutine waitFor(OneShot<int> result, bool &resumed)
{
    co_await result;
    resumed = true;
}

void tst_OneShot::resultAfterTheThreadEndedIsNotResumed()
{
    auto [finisher, result] = oneShot<int>();
    bool resumed = false;
    OwnedCoroutine coroutine;
    std::thread([&, result = std::move(result)]() mutable { coroutine = waitFor(std::move(result), resumed); }).join();
    finisher.set(42);
    QCoreApplication::processEvents();
    QVERIFY(!resumed);
    QVERIFY(!coroutine.hasEnded());
}

void tst_OneShot::finisherOutlivesTheWaitersThread()
{
    // Threads with a loop end while results come in: none is lost in a crash, none resumed in the wrong place.
    for (int round = 0; round < 100; ++round) {
        auto [finisher, result] = oneShot<int>();
        bool resumed = false;
        OwnedCoroutine coroutine;
        const std::unique_ptr<QThread> thread(QThread::create([&, result = std::move(result)]() mutable {
            QEventLoop loop;
            coroutine = waitFor(std::move(result), resumed);
            QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection);
            loop.exec();
        }));
        thread->start();
        if (round % 2)
            QThread::yieldCurrentThread();
        std::jthread producer([finisher = std::move(finisher)]() mutable { finisher.set(1); });
        QVERIFY(thread->wait(5000));
        producer.join();
        QCOMPARE(coroutine.hasEnded(), resumed);
    }
}

static QCoro::Task<int> sum(int count, std::vector<OneShot<int>> results)
{
    int total = 0;
    for (int i = 0; i < count; ++i)
        total += co_await results[size_t(i)];
    co_return total;
}

void tst_OneShot::manyFromManyThreads()
{
    constexpr int threads = 4, each = 2000;
    std::vector<OneShot<int>> results;
    std::vector<std::vector<OneShot<int>::Finisher>> finishers(threads);
    for (int i = 0; i < threads * each; ++i) {
        auto [finisher, result] = oneShot<int>();
        results.push_back(std::move(result));
        finishers[size_t(i % threads)].push_back(std::move(finisher));
    }
    const auto task = sum(threads * each, std::move(results));
    std::vector<std::jthread> producers;
    for (auto &mine : finishers) {
        producers.emplace_back([&mine] {
            for (auto &finisher : mine)
                finisher.set(1);
        });
    }
    QCOMPARE(QCoro::waitFor(task), threads * each);
}

QTEST_GUILESS_MAIN(tst_OneShot)
#include "tst_oneshot.moc"
