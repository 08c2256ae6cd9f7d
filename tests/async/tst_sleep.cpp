// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/sleep.h"
#include "tests/async/ownedcoroutine.h"

#include <QCoroTask>
#include <QThread>
#include <QtTest>

#include <thread>

using namespace godwit;
using namespace godwit::async;
using namespace std::chrono_literals;

class tst_Sleep : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void neverLess();
    void endsInOrder();
    void tokenEndsIt_data();
    void tokenEndsIt();
    void deadlineEndsIt_data();
    void deadlineEndsIt();
    void stopsOfManyAtOnce();
    void stopWhileItsTimeComes();
    void longSleepDoesNotOverflow();
    void futureContinuationMaySleepAgain();
    void threadEndCancels();
};

/// What ended the sleep: nothing, or an Error.
static QCoro::Task<std::optional<Error::Code>> sleep(Context context, std::chrono::milliseconds span)
{
    try {
        co_await sleepFor(context, span);
    } catch (const Error &error) {
        co_return error.code();
    }
    co_return std::nullopt;
}

static QCoro::Task<> noteAfter(std::chrono::milliseconds span, QList<int> &order)
{
    co_await sleepFor({}, span);
    order.append(int(span.count()));
}

void tst_Sleep::neverLess()
{
    for (const auto span : { 0ms, 1ms, 5ms, 30ms }) {
        const auto start = std::chrono::steady_clock::now();
        QVERIFY(!QCoro::waitFor(sleep({}, span)));
        QVERIFY(std::chrono::steady_clock::now() - start >= span);
    }
}

void tst_Sleep::endsInOrder()
{
    QList<int> order;
    for (const int span : { 30, 10, 0, 20, 10, 40 })
        noteAfter(std::chrono::milliseconds(span), order);
    QTRY_COMPARE(order, (QList{ 0, 10, 10, 20, 30, 40 }));
}

void tst_Sleep::tokenEndsIt_data()
{
    QTest::addColumn<bool>("before");
    QTest::addColumn<bool>("fromAnotherThread");
    QTest::newRow("before") << true << false;
    QTest::newRow("during, our thread") << false << false;
    QTest::newRow("during, another thread") << false << true;
}

void tst_Sleep::tokenEndsIt()
{
    QFETCH(bool, before);
    QFETCH(bool, fromAnotherThread);
    std::stop_source source;
    if (before)
        source.request_stop();
    const auto task = sleep({ .stop = source.get_token() }, 1h);
    if (fromAnotherThread)
        std::thread([&] { source.request_stop(); }).join();
    else
        source.request_stop();
    QCOMPARE(QCoro::waitFor(task), Error::Code::Cancelled);
}

void tst_Sleep::deadlineEndsIt_data()
{
    QTest::addColumn<std::chrono::milliseconds>("deadline");
    QTest::addColumn<std::chrono::milliseconds>("span");
    QTest::addColumn<bool>("ends");
    QTest::newRow("first") << 10ms << std::chrono::milliseconds(1h) << true;
    QTest::newRow("has passed") << -10ms << std::chrono::milliseconds(1h) << true;
    QTest::newRow("has passed, no sleep") << -10ms << 0ms << true;
    QTest::newRow("later") << std::chrono::milliseconds(1h) << 10ms << false;
}

void tst_Sleep::deadlineEndsIt()
{
    QFETCH(std::chrono::milliseconds, deadline);
    QFETCH(std::chrono::milliseconds, span);
    QFETCH(bool, ends);
    const auto ended = QCoro::waitFor(sleep({ .deadline = Deadline::in(deadline) }, span));
    QCOMPARE(ended, ends ? std::optional(Error::Code::DeadlineExceeded) : std::nullopt);
}

void tst_Sleep::stopsOfManyAtOnce()
{
    std::stop_source source;
    int ended = 0;
    for (int i = 0; i < 5000; ++i)
        sleep({ .stop = source.get_token() }, 1h + std::chrono::milliseconds(i)).then([&](auto) { ++ended; });
    std::thread([&] { source.request_stop(); }).join();
    QTRY_COMPARE(ended, 5000);
}

void tst_Sleep::stopWhileItsTimeComes()
{
    for (int i = 0; i < 300; ++i) {
        std::stop_source source;
        const auto task = sleep({ .stop = source.get_token() }, 1ms);
        std::jthread stopper([&] {
            QThread::usleep(900 + i % 3 * 100);
            source.request_stop();
        });
        const auto ended = QCoro::waitFor(task);
        QVERIFY(!ended || ended == Error::Code::Cancelled);
    }
}

void tst_Sleep::longSleepDoesNotOverflow()
{
    std::stop_source source;
    const auto task = sleep({ .stop = source.get_token() }, std::chrono::milliseconds::max());
    const auto other = sleep({ .stop = source.get_token() }, 24h * 50); // more milliseconds than an int holds
    QVERIFY(!QCoro::waitFor(sleep({}, 5ms)));
    QVERIFY(!task.isReady());
    QVERIFY(!other.isReady());
    source.request_stop();
    QCOMPARE(QCoro::waitFor(task), Error::Code::Cancelled);
    QCOMPARE(QCoro::waitFor(other), Error::Code::Cancelled);
}

void tst_Sleep::futureContinuationMaySleepAgain()
{
    // It runs inside the queue's own work.
    int ended = 0;
    std::function<void(int)> again = [&](int left) {
        sleepFor({}, 0ms).future().then(QtFuture::Launch::Sync, [&, left] {
            ++ended;
            if (left > 0)
                again(left - 1);
        });
    };
    again(20);
    QTRY_COMPARE(ended, 21);
}

static test::OwnedCoroutine sleepLong(bool &resumed)
{
    try {
        co_await sleepFor({}, 1h);
    } catch (const Error &) {
    }
    resumed = true;
}

void tst_Sleep::threadEndCancels()
{
    bool resumed = false;
    test::OwnedCoroutine coroutine;
    QFuture<void> future;
    const std::unique_ptr<QThread> thread(QThread::create([&] {
        coroutine = sleepLong(resumed);
        future = sleepFor({}, 1h).future();
    }));
    thread->start();
    QVERIFY(thread->wait(5000));
    QVERIFY(future.isFinished()); // whoever waits elsewhere is told
    QVERIFY_THROWS_EXCEPTION(Error, future.waitForFinished());
    QVERIFY(!resumed); // whoever waited there has no thread to go on in
}

QTEST_GUILESS_MAIN(tst_Sleep)
#include "tst_sleep.moc"
