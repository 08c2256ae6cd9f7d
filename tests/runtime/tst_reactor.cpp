// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/runtime/reactor.h"
#include "server/runtime/threadname.h"
#include "shared/async/oneshot.h"
#include "shared/async/sleep.h"
#include "shared/core/error.h"
#include "tests/async/ownedcoroutine.h"

#include <QCoroTask>
#include <QDir>
#include <QFile>
#include <QTimer>
#include <QtTest>

#include <latch>
#include <thread>

#ifdef Q_OS_UNIX
#include <sys/resource.h>
#endif

using namespace godwit;
using namespace godwit::runtime;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

class tst_Reactor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void runsInItsThreadInOrder();
    void callWaitsAndThrows();
    void nestedLoopGoesOnWithTheRest();
    void burstCostsOneWakeUp();
    void stopRunsWhatWasPosted();
    void afterStopNothingRunsAndNobodyHangs();
    void workThatIsDroppedIsDestroyed();
    void groupRunsOnAll();
    void groupHasAsManyAsCores();
    void namesAndStack_data();
    void namesAndStack();
    void coroutineRunsThere();
    void stopWaitsForResults();
    void sleeperOfAnEndedReactorIsNotResumed();
    void startsAndStopsAThousandTimes();
    void raisesTheOpenFileLimit();
};

void tst_Reactor::runsInItsThreadInOrder()
{
    Reactor reactor(3, {});
    QCOMPARE(reactor.index(), 3);
    QVERIFY(!reactor.isCurrent());
    QCOMPARE(Reactor::current(), nullptr);
    std::vector<int> order;
    Reactor *seen = nullptr;
    for (int i = 0; i < 1000; ++i)
        reactor.post([&order, i] { order.push_back(i); });
    reactor.call([&] { seen = Reactor::current(); });
    QCOMPARE(seen, &reactor);
    QCOMPARE(order.size(), 1000u);
    QVERIFY(std::is_sorted(order.begin(), order.end()));
}

void tst_Reactor::callWaitsAndThrows()
{
    Reactor reactor(0, {});
    int value = 0;
    reactor.call([&] { value = 7; });
    QCOMPARE(value, 7);
    try {
        reactor.call([] { throw Error(Error::Code::NotFound, u"gone"_s); });
        QFAIL("must throw");
    } catch (const Error &error) {
        QCOMPARE(error.code(), Error::Code::NotFound);
    }
    reactor.call([&] { value = 8; });
    QCOMPARE(value, 8);
}

void tst_Reactor::nestedLoopGoesOnWithTheRest()
{
    Reactor reactor(0, {});
    bool laterRan = false, nestedSawIt = false;
    std::binary_semaphore posted(0), ended(0);
    reactor.post([&] { posted.acquire(); }); // so that the next two come in one batch
    reactor.post([&] {
        nestedSawIt = QTest::qWaitFor([&] { return laterRan; });
        ended.release(); // a call() would be answered by the nested loop
    });
    reactor.post([&] { laterRan = true; });
    posted.release();
    ended.acquire();
    QVERIFY(nestedSawIt);
}

void tst_Reactor::burstCostsOneWakeUp()
{
    Reactor reactor(0, {});
    std::atomic<int> turns = 0;
    QObject context;
    std::binary_semaphore entered(0), posted(0);
    reactor.call([&] {
        connect(
            QAbstractEventDispatcher::instance(), &QAbstractEventDispatcher::awake, &context, [&] { ++turns; },
            Qt::DirectConnection);
    });
    reactor.post([&] {
        entered.release();
        posted.acquire();
        turns = 0;
    });
    entered.acquire();
    int ran = 0;
    for (int i = 0; i < 1000; ++i)
        reactor.post([&] { ++ran; });
    posted.release();
    reactor.call([] { });
    QCOMPARE(ran, 1000);
    QVERIFY2(turns <= 6, QByteArray::number(turns.load()).constData()); // some are the loop's own, none is a post's
}

void tst_Reactor::stopRunsWhatWasPosted()
{
    for (int i = 0; i < 50; ++i) {
        Reactor reactor(0, {});
        int ran = 0;
        for (int k = 0; k < 20; ++k)
            reactor.post([&] { ++ran; });
        reactor.stop();
        QCOMPARE(ran, 20);
    }
}

void tst_Reactor::afterStopNothingRunsAndNobodyHangs()
{
    Reactor reactor(0, {});
    reactor.stop();
    reactor.stop(); // twice is as good as once
    bool ran = false;
    reactor.post([&] { ran = true; });
    reactor.call([&] { ran = true; });
    QVERIFY(!ran);
}

void tst_Reactor::workThatIsDroppedIsDestroyed()
{
    const auto token = std::make_shared<int>(1); // shared with the work, to see whether it is gone
    {
        Reactor reactor(0, {});
        reactor.post([token, &reactor] {
            for (int i = 0; i < 10; ++i)
                reactor.post([token] { }); // behind the end of the loop
        });
        reactor.stop();
        reactor.post([token] { });
        QCOMPARE(token.use_count(), 1);
    }
    QCOMPARE(token.use_count(), 1);
}

void tst_Reactor::groupRunsOnAll()
{
    ReactorGroup group({ .workers = 4 });
    QCOMPARE(group.size(), 4);
    std::array<std::atomic<Reactor *>, 4> seen{};
    group.callOnAll([&](int index) { seen[size_t(index)] = Reactor::current(); });
    for (int i = 0; i < 4; ++i)
        QCOMPARE(seen[size_t(i)].load(), &group.at(i));
    std::atomic<int> posted = 0;
    group.postToAll([&](int) { ++posted; });
    group.callOnAll([](int) { });
    QCOMPARE(posted.load(), 4);
    const auto failing = [](int index) {
        if (index == 2)
            throw Error::internal(u"no"_s);
    };
    QVERIFY_THROWS_EXCEPTION(Error, group.callOnAll(failing));
    group.stop();
    group.callOnAll([&](int) { ++posted; });
    QCOMPARE(posted.load(), 4);
}

void tst_Reactor::groupHasAsManyAsCores()
{
    ReactorGroup group;
    QCOMPARE(group.size(), QThread::idealThreadCount());
}

void tst_Reactor::namesAndStack_data()
{
    QTest::addColumn<QString>("base");
    QTest::addColumn<int>("number");
    QTest::addColumn<QString>("name");
    QTest::newRow("plain") << u"godwit"_s << 0 << u"godwit-io-0"_s;
    QTest::newRow("three digits") << u"godwit"_s << 127 << u"godwit-io-127"_s;
    QTest::newRow("long") << u"laboratory-server"_s << 12 << u"laborator-io-12"_s;
    QTest::newRow("none") << QString() << 1 << u"-io-1"_s;
}

void tst_Reactor::namesAndStack()
{
    QFETCH(QString, base);
    QFETCH(int, number);
    QFETCH(QString, name);
    QCOMPARE(threadName(base, u"io"_s, number), name);
    Reactor reactor(number, { .threadName = base, .stackBytes = 256 * 1024 });
    QString objectName;
    QByteArray systemName;
    uint stack = 0;
    reactor.call([&] {
        objectName = QThread::currentThread()->objectName();
        stack = QThread::currentThread()->stackSize();
        QFile comm(u"/proc/thread-self/comm"_s);
        if (comm.open(QIODevice::ReadOnly))
            systemName = comm.readAll().trimmed();
    });
    QCOMPARE(objectName, name);
    QCOMPARE(stack, 256u * 1024u);
#ifdef Q_OS_LINUX
    QCOMPARE(QString::fromLatin1(systemName), name);
#endif
}

static QCoro::Task<Reactor *> reactorAfterASleep()
{
    co_await async::sleepFor({}, 1ms);
    co_return Reactor::current();
}

void tst_Reactor::coroutineRunsThere()
{
    Reactor reactor(0, {});
    std::atomic<Reactor *> seen = nullptr;
    reactor.post([&] { reactorAfterASleep().then([&](Reactor *current) { seen = current; }); });
    QTRY_COMPARE(seen.load(), &reactor);
}

static test::OwnedCoroutine take(async::OneShot<int> result, int &taken)
{
    taken = co_await std::move(result);
}

void tst_Reactor::stopWaitsForResults()
{
    int taken = 0;
    test::OwnedCoroutine coroutine;
    std::latch awaited(1);
    std::jthread pool;
    {
        Reactor reactor(0, {});
        reactor.call([&] {
            auto [finisher, result] = async::oneShot<int>();
            pool = std::jthread([&awaited, finisher = std::move(finisher)]() mutable {
                awaited.wait();
                std::this_thread::sleep_for(50ms); // the loop has ended by now
                finisher.set(42);
            });
            coroutine = take(std::move(result), taken);
        });
        awaited.count_down();
    }
    QVERIFY(coroutine.hasEnded());
    QCOMPARE(taken, 42);
}

static test::OwnedCoroutine sleepLong(bool &resumed)
{
    co_await async::sleepFor({}, 1h);
    resumed = true;
}

void tst_Reactor::sleeperOfAnEndedReactorIsNotResumed()
{
    bool resumed = false;
    test::OwnedCoroutine coroutine;
    {
        Reactor reactor(0, {});
        reactor.call([&] { coroutine = sleepLong(resumed); });
    }
    QVERIFY(!coroutine.hasEnded());
    QVERIFY(!resumed);
}

static qsizetype countOf(const QString &folder)
{
    return QDir(folder).entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot).size();
}

void tst_Reactor::startsAndStopsAThousandTimes()
{
    { // what a process makes once
        ReactorGroup group({ .workers = 2 });
        group.callOnAll([](int) { QTimer::singleShot(1h, [] { }); });
    }
    const auto descriptors = countOf(u"/proc/self/fd"_s), threads = countOf(u"/proc/self/task"_s);
    std::atomic<int> started = 0, ran = 0;
    std::atomic<ReactorGroup *> target = nullptr;
    std::mutex targetMutex; // a group is not destroyed while it is posted to
    std::jthread poster([&](const std::stop_token &stop) {
        while (!stop.stop_requested()) {
            const std::lock_guard lock(targetMutex);
            if (auto *const group = target.load())
                group->postToAll([&](int) { ++ran; });
        }
    });
    for (int i = 0; i < 1000; ++i) {
        ReactorGroup group({ .workers = 2 });
        target = &group;
        group.postToAll([&](int) {
            ++started;
            QTimer::singleShot(1h, [] { });
        });
        if (i % 3 == 0)
            group.callOnAll([](int) { });
        group.stop(); // while it is posted to
        const std::lock_guard lock(targetMutex);
        target = nullptr;
    }
    poster.request_stop();
    poster.join();
    QCOMPARE(started.load(), 2000);
    QVERIFY(ran > 0);
    QTRY_VERIFY(countOf(u"/proc/self/task"_s) <= threads); // the first count may have seen one that was just ending
    QCOMPARE(countOf(u"/proc/self/fd"_s), descriptors);
}

void tst_Reactor::raisesTheOpenFileLimit()
{
#ifdef Q_OS_LINUX
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit lowered = before;
    lowered.rlim_cur = 256;
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &lowered), 0);
    QCOMPARE(raiseOpenFileLimit(), qint64(before.rlim_max));
    rlimit after{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &after), 0);
    QCOMPARE(after.rlim_cur, before.rlim_max);
    QCOMPARE(raiseOpenFileLimit(), qint64(before.rlim_max)); // twice
#else
    QVERIFY(raiseOpenFileLimit() > 0);
#endif
}

QTEST_GUILESS_MAIN(tst_Reactor)
#include "tst_reactor.moc"
