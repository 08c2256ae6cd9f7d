// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/future.h"
#include "tests/async/ownedcoroutine.h"

#include <QCoroTask>
#include <QPromise>
#include <QThread>
#include <QtTest>

#include <thread>

using namespace godwit;
using namespace Qt::StringLiterals;

class tst_Future : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void result_data();
    void result();
    void finishedIsNotWaitedFor();
    void resumesInTheAwaitingThread();
    void resultAfterTheThreadEndedIsNotResumed();
    void manyFromManyThreads();
};

static QCoro::Task<QString> outcome(QFuture<QString> future)
{
    try {
        co_return co_await async::resume(future);
    } catch (const Error &error) {
        co_return error.code() == Error::Code::Cancelled ? u"cancelled"_s : error.message();
    }
}

static QCoro::Task<QString> outcome(QFuture<void> future)
{
    try {
        co_await async::resume(future);
        co_return u"done"_s;
    } catch (const Error &error) {
        co_return error.code() == Error::Code::Cancelled ? u"cancelled"_s : error.message();
    }
}

void tst_Future::result_data()
{
    QTest::addColumn<QString>("how");
    QTest::addColumn<QString>("expected");
    QTest::addColumn<QString>("expectedOfVoid");
    QTest::newRow("value") << u"value"_s << u"x"_s << u"done"_s;
    QTest::newRow("error") << u"error"_s << u"gone"_s << u"gone"_s;
    QTest::newRow("finished without a result") << u"empty"_s << u"cancelled"_s << u"done"_s;
    QTest::newRow("cancelled") << u"cancel"_s << u"cancelled"_s << u"cancelled"_s;
    QTest::newRow("promise dies unfinished") << u"abandon"_s << u"cancelled"_s << u"cancelled"_s;
}

template<class T>
static void end(std::optional<QPromise<T>> &promise, const QString &how)
{
    if (how == u"abandon"_s) {
        promise.reset();
        return;
    }
    if (how == u"error"_s)
        promise->setException(Error(Error::Code::NotFound, u"gone"_s));
    if constexpr (!std::is_void_v<T>) {
        if (how == u"value"_s)
            promise->addResult(u"x"_s);
    }
    if (how == u"cancel"_s)
        promise->future().cancel();
    promise->finish();
}

void tst_Future::result()
{
    QFETCH(QString, how);
    QFETCH(QString, expected);
    QFETCH(QString, expectedOfVoid);
    for (const bool before : { true, false }) {
        std::optional<QPromise<QString>> promise(std::in_place);
        promise->start();
        const auto future = promise->future();
        if (before)
            end(promise, how);
        const auto task = outcome(future);
        if (!before)
            end(promise, how);
        QCOMPARE(QCoro::waitFor(task), expected);

        std::optional<QPromise<void>> voidPromise(std::in_place);
        voidPromise->start();
        const auto voidFuture = voidPromise->future();
        if (before)
            end(voidPromise, how);
        const auto voidTask = outcome(voidFuture);
        if (!before)
            end(voidPromise, how);
        QCOMPARE(QCoro::waitFor(voidTask), expectedOfVoid);
    }
}

void tst_Future::finishedIsNotWaitedFor()
{
    QPromise<QString> promise;
    promise.start();
    promise.addResult(u"x"_s);
    promise.finish();
    QVERIFY(outcome(promise.future()).isReady());
}

static QCoro::Task<QThread *> threadAfter(QFuture<void> future)
{
    co_await async::resume(future);
    co_return QThread::currentThread();
}

void tst_Future::resumesInTheAwaitingThread()
{
    QPromise<void> promise;
    promise.start();
    const auto task = threadAfter(promise.future());
    std::jthread producer([&] { promise.finish(); });
    QCOMPARE(QCoro::waitFor(task), QThread::currentThread());
}

static test::OwnedCoroutine waitFor(QFuture<void> future, bool &resumed)
{
    co_await async::resume(future);
    resumed = true;
}

void tst_Future::resultAfterTheThreadEndedIsNotResumed()
{
    QPromise<void> promise;
    promise.start();
    bool resumed = false;
    test::OwnedCoroutine coroutine;
    std::thread([&] { coroutine = waitFor(promise.future(), resumed); }).join();
    promise.finish();
    QCoreApplication::processEvents();
    QVERIFY(!resumed);
}

static QCoro::Task<int> sum(QList<QFuture<int>> futures)
{
    int total = 0;
    for (const auto &future : std::as_const(futures))
        total += co_await async::resume(future);
    co_return total;
}

void tst_Future::manyFromManyThreads()
{
    constexpr int threads = 4, each = 1000;
    std::vector<std::vector<QPromise<int>>> promises(threads);
    QList<QFuture<int>> futures;
    for (int i = 0; i < threads * each; ++i) {
        auto &promise = promises[size_t(i % threads)].emplace_back();
        promise.start();
        futures.append(promise.future());
    }
    const auto task = sum(futures);
    std::vector<std::jthread> producers;
    for (auto &mine : promises) {
        producers.emplace_back([&mine] {
            for (auto &promise : mine) {
                promise.addResult(1);
                promise.finish();
            }
        });
    }
    QCOMPARE(QCoro::waitFor(task), threads * each);
}

QTEST_GUILESS_MAIN(tst_Future)
#include "tst_future.moc"
