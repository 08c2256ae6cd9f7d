// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/runtime/dispatchermain.h"

#include <QElapsedTimer>
#include <QTimer>

using namespace std::chrono_literals;
using godwit::test::turnLoop;

class tst_DispatcherTimers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsTime_data();
    void keepsTime();
    void repeatsWithoutDrift();
    void zeroTimerFiresOnceATurn();
    void saysWhatIsLeft();
    void listsTheTimersOfAnObject();
    void handlerIsNotEnteredAgainByItsNestedLoop();
    void othersFireInANestedLoop();
    void timerMayBeDeletedByItsHandler();
    void timerMayStopAnotherThatIsDue();
    void movesWithItsObject();
    void excludedTimersWait();
    void deferredDeleteIsDoneInTheLoop();
    void postedEventsDoNotStarve();
    void ownPostWakesALoopThatIsAboutToBlock();
    void anotherThreadWakesTheLoop();
    void quitFromAnotherThreadIsNotLost();
    void twentyThousandAreAffordable();
};

void tst_DispatcherTimers::keepsTime_data()
{
    QTest::addColumn<int>("interval");
    QTest::addColumn<Qt::TimerType>("type");
    QTest::addColumn<qint64>("earliest");
    QTest::addColumn<qint64>("latest"); // generous: the machine may be busy
    QTest::newRow("precise") << 30 << Qt::PreciseTimer << qint64(30) << qint64(1000);
    QTest::newRow("precise 1 ms") << 1 << Qt::PreciseTimer << qint64(1) << qint64(1000);
    QTest::newRow("coarse, small") << 10 << Qt::CoarseTimer << qint64(10) << qint64(1000);
    QTest::newRow("coarse within 5 %") << 200 << Qt::CoarseTimer << qint64(190) << qint64(1200);
    QTest::newRow("very coarse to the second") << 700 << Qt::VeryCoarseTimer << qint64(0) << qint64(2500);
    QTest::newRow("zero") << 0 << Qt::PreciseTimer << qint64(0) << qint64(1000);
}

void tst_DispatcherTimers::keepsTime()
{
    QFETCH(int, interval);
    QFETCH(Qt::TimerType, type);
    QFETCH(qint64, earliest);
    QFETCH(qint64, latest);
    QTimer timer;
    timer.setSingleShot(true);
    timer.setTimerType(type);
    QEventLoop loop;
    connect(&timer, &QTimer::timeout, &loop, &QEventLoop::quit);
    QElapsedTimer elapsed;
    elapsed.start();
    timer.start(interval);
    loop.exec();
    QVERIFY2(elapsed.elapsed() >= earliest, QByteArray::number(elapsed.elapsed()).constData());
    QVERIFY2(elapsed.elapsed() <= latest, QByteArray::number(elapsed.elapsed()).constData());
}

void tst_DispatcherTimers::repeatsWithoutDrift()
{
    QTimer timer;
    timer.setTimerType(Qt::PreciseTimer);
    int count = 0;
    connect(&timer, &QTimer::timeout, this, [&] { ++count; });
    QElapsedTimer elapsed;
    elapsed.start();
    timer.start(10);
    QTRY_COMPARE_GE(count, 30);
    QVERIFY(elapsed.elapsed() >= 300); // never early
    QVERIFY(count <= elapsed.elapsed() / 10);
}

void tst_DispatcherTimers::zeroTimerFiresOnceATurn()
{
    QTimer timer;
    int count = 0;
    connect(&timer, &QTimer::timeout, this, [&] { ++count; });
    timer.start(0);
    turnLoop(5);
    QCOMPARE(count, 5);
}

void tst_DispatcherTimers::saysWhatIsLeft()
{
    QTimer timer;
    timer.setTimerType(Qt::PreciseTimer);
    QCOMPARE(timer.remainingTime(), -1);
    timer.start(60'000);
    QVERIFY(timer.remainingTime() <= 60'000 && timer.remainingTime() > 50'000);
    timer.stop();
    QCOMPARE(timer.remainingTime(), -1);
    QCOMPARE(QAbstractEventDispatcher::instance()->remainingTime(1 << 20), -1);
}

void tst_DispatcherTimers::listsTheTimersOfAnObject()
{
    QObject object;
    auto *const dispatcher = QAbstractEventDispatcher::instance();
    const int first = object.startTimer(1000, Qt::PreciseTimer);
    const int second = object.startTimer(2000, Qt::VeryCoarseTimer);
    auto timers = dispatcher->registeredTimers(&object);
    QCOMPARE(timers.size(), 2);
    const auto byId = [](const auto &a, const auto &b) { return a.timerId < b.timerId; };
    std::sort(timers.begin(), timers.end(), byId);
    QCOMPARE(timers.first().timerId, std::min(first, second));
    object.killTimer(first);
    timers = dispatcher->registeredTimers(&object);
    QCOMPARE(timers.size(), 1);
    QCOMPARE(timers.first().timerId, second);
    QCOMPARE(timers.first().interval, 2000);
    QCOMPARE(timers.first().timerType, Qt::VeryCoarseTimer);
    QVERIFY(dispatcher->unregisterTimers(&object));
    QVERIFY(dispatcher->registeredTimers(&object).isEmpty());
    QVERIFY(!dispatcher->unregisterTimers(&object));
}

void tst_DispatcherTimers::handlerIsNotEnteredAgainByItsNestedLoop()
{
    QTimer timer;
    int depth = 0, deepest = 0, count = 0;
    connect(&timer, &QTimer::timeout, this, [&] {
        deepest = std::max(deepest, ++depth);
        if (++count == 1)
            turnLoop(5);
        --depth;
    });
    timer.start(0);
    QTRY_COMPARE_GE(count, 3); // and it goes on after the nested loop
    QCOMPARE(deepest, 1);
}

void tst_DispatcherTimers::othersFireInANestedLoop()
{
    QTimer outer, inner;
    int fired = 0;
    bool nestedSawIt = false;
    inner.setSingleShot(true);
    connect(&inner, &QTimer::timeout, this, [&] { ++fired; });
    connect(&outer, &QTimer::timeout, this, [&] {
        outer.stop();
        inner.start(1);
        nestedSawIt = QTest::qWaitFor([&] { return fired == 1; });
    });
    outer.start(1);
    QTRY_VERIFY(nestedSawIt);
    turnLoop();
    QCOMPARE(fired, 1);
}

void tst_DispatcherTimers::timerMayBeDeletedByItsHandler()
{
    auto *const timer = new QTimer;
    int count = 0;
    connect(timer, &QTimer::timeout, this, [&] {
        ++count;
        delete timer;
    });
    timer->start(0);
    turnLoop(5);
    QCOMPARE(count, 1);
}

void tst_DispatcherTimers::timerMayStopAnotherThatIsDue()
{
    QTimer one, two;
    int count = 0;
    const auto first = [&] {
        ++count;
        one.stop();
        two.stop();
    };
    connect(&one, &QTimer::timeout, this, first);
    connect(&two, &QTimer::timeout, this, first);
    one.start(0);
    two.start(0);
    turnLoop(5);
    QCOMPARE(count, 1);
}

void tst_DispatcherTimers::movesWithItsObject()
{
    QThread thread;
    if (auto *const dispatcher = godwit::runtime::makeEventDispatcher())
        thread.setEventDispatcher(dispatcher);
    thread.start();
    auto *const timer = new QTimer;
    std::atomic<QThread *> firedIn = nullptr;
    connect(timer, &QTimer::timeout, timer, [&] { firedIn = QThread::currentThread(); });
    timer->start(5);
    timer->moveToThread(&thread);
    QTRY_COMPARE(firedIn.load(), &thread);
    timer->deleteLater();
    thread.quit();
    QVERIFY(thread.wait(5000));
}

void tst_DispatcherTimers::excludedTimersWait()
{
    QTimer timer;
    int count = 0;
    connect(&timer, &QTimer::timeout, this, [&] { ++count; });
    timer.start(0);
    QCoreApplication::processEvents(QEventLoop::X11ExcludeTimers);
    QCOMPARE(count, 0);
    QCoreApplication::processEvents();
    QCOMPARE(count, 1);
}

void tst_DispatcherTimers::deferredDeleteIsDoneInTheLoop()
{
    QEventLoop loop; // and not QTRY_, which deletes by itself
    auto *const object = new QObject;
    connect(object, &QObject::destroyed, &loop, &QEventLoop::quit);
    object->deleteLater();
    loop.exec();
}

void tst_DispatcherTimers::postedEventsDoNotStarve()
{
    struct Poster : QObject
    {
        int count = 0;
        bool event(QEvent *event) override
        {
            if (event->type() == QEvent::User && ++count < 1000)
                QCoreApplication::postEvent(this, new QEvent(QEvent::User));
            return QObject::event(event);
        }
    } poster;
    QCoreApplication::postEvent(&poster, new QEvent(QEvent::User));
    QTRY_COMPARE(poster.count, 1000);
}

void tst_DispatcherTimers::ownPostWakesALoopThatIsAboutToBlock()
{
    // No timer runs: if the post is not seen, the loop waits for ever.
    auto *const dispatcher = QAbstractEventDispatcher::instance();
    QEventLoop loop;
    QObject context;
    int blocks = 0, awakes = 0;
    connect(dispatcher, &QAbstractEventDispatcher::awake, &context, [&] { ++awakes; });
    connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, &context, [&] {
        if (++blocks == 1)
            QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection);
    });
    loop.exec();
    QVERIFY(blocks >= 1);
    QVERIFY(awakes >= 2);
}

void tst_DispatcherTimers::anotherThreadWakesTheLoop()
{
    QThread thread;
    if (auto *const dispatcher = godwit::runtime::makeEventDispatcher())
        thread.setEventDispatcher(dispatcher);
    thread.start();
    auto *const there = new QObject;
    there->moveToThread(&thread);
    int back = 0;
    for (int i = 0; i < 2000; ++i) { // there and back, so that both loops often are on the brink of waiting
        QEventLoop loop;
        QMetaObject::invokeMethod(there, [&] {
            QMetaObject::invokeMethod(&loop, [&] {
                ++back;
                loop.quit();
            });
        });
        loop.exec();
    }
    QCOMPARE(back, 2000);
    std::atomic<int> count = 0;
    for (int i = 0; i < 20'000; ++i)
        QMetaObject::invokeMethod(there, [&] { ++count; });
    QMetaObject::invokeMethod(there, [&] { ++count; }, Qt::BlockingQueuedConnection);
    QCOMPARE(count.load(), 20'001);
    there->deleteLater();
    thread.quit();
    QVERIFY(thread.wait(5000));
}

void tst_DispatcherTimers::quitFromAnotherThreadIsNotLost()
{
    for (int i = 0; i < 300; ++i) {
        QThread thread;
        if (auto *const dispatcher = godwit::runtime::makeEventDispatcher())
            thread.setEventDispatcher(dispatcher);
        thread.start();
        thread.quit(); // at any point between its start and its first wait
        QVERIFY2(thread.wait(10'000), "the loop did not end");
    }
}

void tst_DispatcherTimers::twentyThousandAreAffordable()
{
    std::vector<std::unique_ptr<QTimer>> timers;
    QElapsedTimer elapsed;
    elapsed.start();
    for (int i = 0; i < 20'000; ++i) {
        timers.push_back(std::make_unique<QTimer>());
        timers.back()->start(30'000 + i % 1000);
    }
    for (const auto &timer : timers)
        timer->start(60'000);
    for (int i = 0; i < 1000; ++i)
        QCoreApplication::processEvents();
    QVERIFY2(elapsed.elapsed() < 3000, QByteArray::number(elapsed.elapsed()).constData()); // about 60 ms, optimised
}

int main(int argc, char **argv)
{
    return godwit::test::dispatcherMain<tst_DispatcherTimers>(argc, argv);
}

#include "tst_dispatcher_timers.moc"
