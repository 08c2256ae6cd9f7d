// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/runtime/dispatchermain.h"
#include "tests/runtime/socketpair.h"

#include <QSocketNotifier>
#include <QTemporaryFile>
#include <QTimer>

#include <fcntl.h>
#include <netinet/in.h>

#include <memory>

using godwit::test::SocketPair;
using godwit::test::turnLoop;

class tst_DispatcherDescriptors : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readableAndWritable();
    void disabledInTheHandlerOfTheOther();
    void enabledAgain();
    void notifierMayBeDeletedByItsHandler();
    void closedAndReusedInOneBatch();
    void nestedLoopTakesOver();
    void nestedLoopMayHandleTheRestOfTheBatch();
    void hangUpMakesReadable();
    void outOfBandIsAnException();
    void regularFileIsAlwaysReady();
    void badDescriptorDisables();
    void excludedNotifiersWait();
    void excludedNotifiersStillLetOthersWakeTheLoop();
    void moreThanOneBatch();
    void listeningSocketMayBeWatchedOtherwise();
    void notFromAnotherThread(); // the last: it leaves a descriptor watched
};

namespace {

struct Counted
{
    Counted(int descriptor, QSocketNotifier::Type type) : notifier(std::make_unique<QSocketNotifier>(descriptor, type))
    {
        QObject::connect(notifier.get(), &QSocketNotifier::activated, notifier.get(), [this] {
            ++count;
            if (then)
                then();
        });
    }

    std::unique_ptr<QSocketNotifier> notifier;
    int count = 0;
    std::function<void()> then;
};

} // namespace

void tst_DispatcherDescriptors::readableAndWritable()
{
    SocketPair pair;
    Counted read(pair.near(), QSocketNotifier::Read);
    turnLoop();
    QCOMPARE(read.count, 0);
    pair.send("x");
    turnLoop(2);
    QCOMPARE(read.count, 2); // level-triggered
    QCOMPARE(pair.take(), 1);
    turnLoop();
    QCOMPARE(read.count, 2);
    Counted write(pair.near(), QSocketNotifier::Write);
    turnLoop(1);
    QCOMPARE(write.count, 1);
    QCOMPARE(read.count, 2);
}

void tst_DispatcherDescriptors::disabledInTheHandlerOfTheOther()
{
    SocketPair pair;
    Counted read(pair.near(), QSocketNotifier::Read), write(pair.near(), QSocketNotifier::Write);
    read.then = [&] {
        read.notifier->setEnabled(false);
        write.notifier->setEnabled(false);
    };
    pair.send("x");
    turnLoop();
    QCOMPARE(read.count, 1);
    QCOMPARE(write.count, 0);
}

void tst_DispatcherDescriptors::enabledAgain()
{
    SocketPair pair;
    Counted read(pair.near(), QSocketNotifier::Read);
    pair.send("x");
    read.notifier->setEnabled(false);
    turnLoop();
    QCOMPARE(read.count, 0);
    read.notifier->setEnabled(true);
    read.notifier->setEnabled(false);
    read.notifier->setEnabled(true);
    turnLoop(1);
    QCOMPARE(read.count, 1);
}

void tst_DispatcherDescriptors::notifierMayBeDeletedByItsHandler()
{
    SocketPair pair;
    Counted read(pair.near(), QSocketNotifier::Read);
    read.then = [&] { read.notifier.reset(); };
    pair.send("x");
    turnLoop();
    QCOMPARE(read.count, 1);
}

void tst_DispatcherDescriptors::closedAndReusedInOneBatch()
{
    // Both are ready. Whichever is told first closes the other, whose number comes again as a socket without data.
    SocketPair one, two;
    Counted first(one.near(), QSocketNotifier::Read), second(two.near(), QSocketNotifier::Read);
    std::unique_ptr<SocketPair> fresh;
    std::unique_ptr<Counted> freshRead;
    const auto replace = [&](Counted &other, SocketPair &otherPair) {
        const int number = otherPair.near();
        other.notifier.reset();
        otherPair.closeNear();
        fresh = std::make_unique<SocketPair>();
        QCOMPARE(fresh->near(), number);
        freshRead = std::make_unique<Counted>(fresh->near(), QSocketNotifier::Read);
    };
    first.then = [&] {
        one.take();
        replace(second, two);
    };
    second.then = [&] {
        two.take();
        replace(first, one);
    };
    one.send("x");
    two.send("x");
    turnLoop();
    QCOMPARE(first.count + second.count, 1);
    QVERIFY(freshRead);
    QCOMPARE(freshRead->count, 0);
    fresh->send("x"); // and the newcomer is really watched
    turnLoop(1);
    QCOMPARE(freshRead->count, 1);
}

void tst_DispatcherDescriptors::nestedLoopTakesOver()
{
    SocketPair pair;
    Counted read(pair.near(), QSocketNotifier::Read);
    int depth = 0, deepest = 0;
    read.then = [&] {
        deepest = std::max(deepest, ++depth);
        pair.take();
        turnLoop();
        --depth;
    };
    pair.send("abc");
    turnLoop();
    QCOMPARE(read.count, 3);
    QVERIFY(deepest > 1); // as Qt's own has it: a handler may be entered again
}

void tst_DispatcherDescriptors::nestedLoopMayHandleTheRestOfTheBatch()
{
    // The first one's nested loop handles the second; what the outer loop had fetched for it must not be told again.
    SocketPair one, two;
    Counted first(one.near(), QSocketNotifier::Read), second(two.near(), QSocketNotifier::Read);
    const auto takeAndNest = [](SocketPair &pair) {
        pair.take();
        turnLoop();
    };
    first.then = [&] { takeAndNest(one); };
    second.then = [&] { takeAndNest(two); };
    one.send("x");
    two.send("x");
    turnLoop();
    QCOMPARE(first.count, 1);
    QCOMPARE(second.count, 1);
}

void tst_DispatcherDescriptors::hangUpMakesReadable()
{
    SocketPair pair;
    Counted read(pair.near(), QSocketNotifier::Read);
    read.then = [&] { read.notifier->setEnabled(false); };
    pair.closeFar();
    turnLoop();
    QCOMPARE(read.count, 1);
}

void tst_DispatcherDescriptors::outOfBandIsAnException()
{
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto *const generic = static_cast<sockaddr *>(static_cast<void *>(&address));
    QCOMPARE(::bind(listener, generic, length), 0);
    QCOMPARE(::listen(listener, 1), 0);
    QCOMPARE(::getsockname(listener, generic, &length), 0);
    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    QCOMPARE(::connect(client, generic, length), 0);
    const int server = ::accept(listener, nullptr, nullptr);
    {
        Counted exception(server, QSocketNotifier::Exception);
        exception.then = [&] { exception.notifier->setEnabled(false); };
        turnLoop();
        QCOMPARE(exception.count, 0);
        QCOMPARE(::send(client, "!", 1, MSG_OOB), 1);
        QTRY_COMPARE(exception.count, 1);
    }
    for (const int descriptor : { listener, client, server })
        ::close(descriptor);
}

void tst_DispatcherDescriptors::regularFileIsAlwaysReady()
{
    QTemporaryFile file;
    QVERIFY(file.open());
    {
        Counted read(file.handle(), QSocketNotifier::Read);
        read.then = [&] { read.notifier->setEnabled(read.count < 3); };
        QEventLoop loop; // that waits, and must not
        QTimer::singleShot(0, &loop, [&] { loop.quit(); });
        loop.exec();
        turnLoop(5);
        QCOMPARE(read.count, 3);
        Counted write(file.handle(), QSocketNotifier::Write);
        turnLoop(1);
        QCOMPARE(write.count, 1);
        QCOMPARE(read.count, 3);
    }
    SocketPair pair; // always ready no more: the loop can wait again
    Counted read(pair.near(), QSocketNotifier::Read);
    turnLoop();
    QCOMPARE(read.count, 0);
}

void tst_DispatcherDescriptors::badDescriptorDisables()
{
    SocketPair pair;
    const int descriptor = ::dup(pair.near());
    Counted read(descriptor, QSocketNotifier::Read);
    ::close(descriptor);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral(".*no longer watched|.*invalid socket.*")));
    turnLoop();
    QVERIFY(!read.notifier->isEnabled());
    QCOMPARE(read.count, 0);
}

void tst_DispatcherDescriptors::excludedNotifiersWait()
{
    SocketPair pair;
    Counted read(pair.near(), QSocketNotifier::Read);
    pair.send("x");
    for (int i = 0; i < 5; ++i)
        QCoreApplication::processEvents(QEventLoop::ExcludeSocketNotifiers);
    QCOMPARE(read.count, 0);
    QCoreApplication::processEvents();
    QCOMPARE(read.count, 1);
}

void tst_DispatcherDescriptors::excludedNotifiersStillLetOthersWakeTheLoop()
{
    SocketPair pair;
    Counted read(pair.near(), QSocketNotifier::Read);
    pair.send("x");
    QEventLoop loop;
    const std::unique_ptr<QThread> thread(
        QThread::create([&] { QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection); }));
    thread->start();
    loop.exec(QEventLoop::ExcludeSocketNotifiers);
    QCOMPARE(read.count, 0);
    QVERIFY(thread->wait(5000));
}

void tst_DispatcherDescriptors::moreThanOneBatch()
{
    std::vector<std::unique_ptr<SocketPair>> pairs;
    std::vector<std::unique_ptr<Counted>> reads;
    int told = 0;
    godwit::runtime::raiseOpenFileLimit();
    for (int i = 0; i < 1'200; ++i) { // a batch is 1,024
        auto &pair = *pairs.emplace_back(std::make_unique<SocketPair>());
        auto &read = *reads.emplace_back(std::make_unique<Counted>(pair.near(), QSocketNotifier::Read));
        read.then = [&] {
            pair.take();
            ++told;
        };
        pair.send("x");
    }
    QTRY_COMPARE(told, 1'200);
}

void tst_DispatcherDescriptors::listeningSocketMayBeWatchedOtherwise()
{
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0), client = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto *const generic = reinterpret_cast<sockaddr *>(&address);
    QCOMPARE(::bind(listener, generic, size), 0);
    QCOMPARE(::listen(listener, 1), 0);
    QCOMPARE(::getsockname(listener, generic, &size), 0);
    {
        Counted read(listener, QSocketNotifier::Read);
        turnLoop();
        QCOMPARE(::connect(client, generic, size), 0);
        QTRY_COMPARE_GT(read.count, 0);
        read.count = 0;
        {
            const Counted exception(listener, QSocketNotifier::Exception); // EPOLLEXCLUSIVE cannot be changed
            turnLoop(1);
            QCOMPARE(read.count, 1);
            QVERIFY(read.notifier->isEnabled());
        }
        turnLoop(1);
        QCOMPARE(read.count, 2);
        read.notifier->setEnabled(false);
        turnLoop();
        QCOMPARE(read.count, 2);
        read.notifier->setEnabled(true);
        turnLoop(1);
        QCOMPARE(read.count, 3);
    }
    ::close(client);
    ::close(listener);
}

void tst_DispatcherDescriptors::notFromAnotherThread()
{
    SocketPair pair;
    Counted read(pair.near(), QSocketNotifier::Read);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral(".*another thread.*")));
    const std::unique_ptr<QThread> thread(QThread::create([&] { read.notifier->setEnabled(false); }));
    thread->start();
    QVERIFY(thread->wait(5000));
    pair.send("x");
    turnLoop(1);
    QVERIFY(read.count <= 1);
}

int main(int argc, char **argv)
{
    return godwit::test::dispatcherMain<tst_DispatcherDescriptors>(argc, argv);
}

#include "tst_dispatcher_descriptors.moc"
