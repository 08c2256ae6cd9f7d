// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/runtime/descriptorwatch.h"
#include "server/runtime/reactor.h"
#include "tests/runtime/dispatchermain.h"
#include "tests/runtime/socketpair.h"

#include <QTemporaryFile>

#include <memory>
#include <optional>

using namespace godwit::runtime;
using godwit::test::SocketPair;
using godwit::test::turnLoop;

namespace {

struct Sink final : DescriptorSink
{
    void descriptorReady(DescriptorEvents events) override
    {
        ++count;
        seen |= events;
        if (then)
            then();
    }

    int count = 0;
    DescriptorEvents seen;
    std::function<void()> then;
};

/// Runs @p body in a thread whose loop is of the kind asked for.
void inThreadWith(bool ours, const std::function<void()> &body)
{
    const std::unique_ptr<QThread> thread(QThread::create([&] {
        QEventLoop loop;
        QMetaObject::invokeMethod(
            &loop,
            [&] {
                body();
                loop.quit();
            },
            Qt::QueuedConnection);
        loop.exec();
    }));
    if (auto *const dispatcher = ours ? makeEventDispatcher() : nullptr)
        thread->setEventDispatcher(dispatcher);
    thread->start();
    QVERIFY(thread->wait(30'000));
}

} // namespace

class tst_DescriptorWatch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reportsWhatIsOfInterest_data() { dispatchers(); }
    void reportsWhatIsOfInterest();
    void stopsInItsHandler_data() { dispatchers(); }
    void stopsInItsHandler();
    void closedAndReusedInOneBatch_data() { dispatchers(); }
    void closedAndReusedInOneBatch();
    void nestedLoopsLoseNothing_data() { dispatchers(); }
    void nestedLoopsLoseNothing();
    void excludedSinksWait();
    void regularFileIsAlwaysReady_data() { dispatchers(); }
    void regularFileIsAlwaysReady();
    void failureIsToldOnceWithoutInterest();
    void interestAfterAFailureTellsItAgain();
    void outlivesTheDispatcher();

private:
    static void dispatchers()
    {
        QTest::addColumn<bool>("ours");
        QTest::newRow("our dispatcher: sink") << true;
        QTest::newRow("Qt's dispatcher: notifiers") << false;
    }
};

void tst_DescriptorWatch::reportsWhatIsOfInterest()
{
    QFETCH(bool, ours);
    inThreadWith(ours, [] {
        SocketPair pair;
        Sink sink;
        DescriptorWatch watch(pair.near(), sink);
        pair.send("x");
        turnLoop();
        QCOMPARE(sink.count, 0); // nothing is of interest yet
        watch.setInterest(DescriptorEvent::Readable);
        turnLoop(2);
        QCOMPARE(sink.count, 2); // level-triggered
        QCOMPARE(sink.seen, DescriptorEvents(DescriptorEvent::Readable));
        sink.seen = {};
        watch.setInterest(DescriptorEvent::Readable | DescriptorEvent::Writable);
        turnLoop(1);
        QCOMPARE(sink.seen, DescriptorEvent::Readable | DescriptorEvent::Writable);
        sink.count = 0;
        watch.setInterest({});
        turnLoop();
        QCOMPARE(sink.count, 0);
        sink.seen = {};
        watch.setInterest(DescriptorEvent::Writable);
        turnLoop(1);
        QCOMPARE(sink.seen, DescriptorEvents(DescriptorEvent::Writable));
        watch.stop();
        turnLoop();
        QCOMPARE(sink.count, 1);
    });
}

void tst_DescriptorWatch::stopsInItsHandler()
{
    QFETCH(bool, ours);
    inThreadWith(ours, [] {
        SocketPair pair;
        Sink sink;
        auto watch = std::make_unique<DescriptorWatch>(pair.near(), sink);
        watch->setInterest(DescriptorEvent::Readable | DescriptorEvent::Writable);
        sink.then = [&] { watch.reset(); };
        pair.send("x");
        turnLoop();
        QCOMPARE(sink.count, 1);
    });
}

void tst_DescriptorWatch::closedAndReusedInOneBatch()
{
    QFETCH(bool, ours);
    inThreadWith(ours, [] {
        SocketPair one, two;
        Sink first, second, fresh;
        std::optional<DescriptorWatch> watchOne, watchTwo, watchFresh;
        watchOne.emplace(one.near(), first).setInterest(DescriptorEvent::Readable);
        watchTwo.emplace(two.near(), second).setInterest(DescriptorEvent::Readable);
        std::optional<SocketPair> freshPair;
        const auto replace = [&](std::optional<DescriptorWatch> &other, SocketPair &otherPair) {
            other.reset();
            otherPair.closeNear();
            freshPair.emplace();
            watchFresh.emplace(freshPair->near(), fresh).setInterest(DescriptorEvent::Readable);
        };
        first.then = [&] {
            one.take();
            replace(watchTwo, two);
        };
        second.then = [&] {
            two.take();
            replace(watchOne, one);
        };
        one.send("x");
        two.send("x");
        turnLoop();
        QCOMPARE(first.count + second.count, 1);
        QCOMPARE(fresh.count, 0);
        freshPair->send("x");
        turnLoop(1);
        QCOMPARE(fresh.count, 1);
        watchFresh.reset();
    });
}

void tst_DescriptorWatch::nestedLoopsLoseNothing()
{
    QFETCH(bool, ours);
    inThreadWith(ours, [] {
        SocketPair one, two;
        Sink first, second;
        DescriptorWatch watchOne(one.near(), first), watchTwo(two.near(), second);
        watchOne.setInterest(DescriptorEvent::Readable);
        watchTwo.setInterest(DescriptorEvent::Readable);
        const auto takeAndNest = [](SocketPair &pair) {
            pair.take();
            turnLoop();
        };
        first.then = [&] { takeAndNest(one); };
        second.then = [&] { takeAndNest(two); };
        one.send("ab");
        two.send("ab");
        turnLoop();
        QCOMPARE(first.count, 2);
        QCOMPARE(second.count, 2);
    });
}

void tst_DescriptorWatch::excludedSinksWait()
{
    SocketPair pair;
    Sink sink;
    DescriptorWatch watch(pair.near(), sink);
    watch.setInterest(DescriptorEvent::Writable);
    QCoreApplication::processEvents(QEventLoop::ExcludeSocketNotifiers);
    QCOMPARE(sink.count, 0);
    turnLoop(1);
    QCOMPARE(sink.count, 1);
}

void tst_DescriptorWatch::regularFileIsAlwaysReady()
{
    QFETCH(bool, ours);
    inThreadWith(ours, [] {
        QTemporaryFile file;
        QVERIFY(file.open());
        Sink sink;
        DescriptorWatch watch(file.handle(), sink);
        watch.setInterest(DescriptorEvent::Readable);
        turnLoop(3);
        QCOMPARE(sink.count, 3);
        watch.setInterest({});
        turnLoop();
        QCOMPARE(sink.count, 3);
    });
}

void tst_DescriptorWatch::failureIsToldOnceWithoutInterest()
{
#ifndef Q_OS_LINUX
    QSKIP("only epoll reports without interest");
#endif
    SocketPair pair;
    Sink sink;
    DescriptorWatch watch(pair.near(), sink);
    watch.setInterest(DescriptorEvent::Readable);
    turnLoop();
    watch.setInterest({});
    turnLoop();
    QCOMPARE(sink.count, 0);
    pair.closeFar();
    turnLoop(5);
    QCOMPARE(sink.count, 1); // and the loop does not spin on it
    QVERIFY(sink.seen.testFlag(DescriptorEvent::HungUp));
}

void tst_DescriptorWatch::interestAfterAFailureTellsItAgain()
{
    SocketPair pair;
    Sink sink;
    DescriptorWatch watch(pair.near(), sink);
    watch.setInterest(DescriptorEvent::Readable);
    turnLoop();
    watch.setInterest({});
    pair.closeFar();
    turnLoop();
    sink.count = 0;
    sink.seen = {};
    watch.setInterest(DescriptorEvent::Readable);
    turnLoop(1);
    QCOMPARE(sink.count, 1);
    QVERIFY(sink.seen.testFlag(DescriptorEvent::Readable));
}

void tst_DescriptorWatch::outlivesTheDispatcher()
{
    // Not how it is meant to be, but how a program ends that forgot a connection.
    SocketPair pair;
    Sink sink;
    std::optional<DescriptorWatch> watch;
    inThreadWith(true, [&] { watch.emplace(pair.near(), sink).setInterest(DescriptorEvent::Readable); });
    watch.reset();
    QCOMPARE(sink.count, 0);
}

int main(int argc, char **argv)
{
    return godwit::test::dispatcherMain<tst_DescriptorWatch>(argc, argv);
}

#include "tst_descriptorwatch.moc"
