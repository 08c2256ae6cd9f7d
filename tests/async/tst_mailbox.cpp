// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/handover.h"
#include "shared/async/mailbox.h"
#include "shared/async/oneshot.h"

#include <QCoroTask>
#include <QThread>
#include <QtTest>

#include <thread>

using namespace godwit::async;

class tst_Mailbox : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isOneAThread();
    void resumesInOrder();
    void nestedLoopGoesOnWithTheBatch();
    void burstIsOneEvent();
    void takesOnlyWhatWasThere();
    void nothingReachesAClosedReceiver();
    void clearDropsTheRest();
    void valueThatIsDroppedMayPush();
};

namespace {

/// Notes what it takes.
struct Receiver : QObject
{
    Receiver() { handOver.open(this); }
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::User)
            return QObject::event(event);
        ++events;
        handOver.takeEach([this](int value) {
            taken.append(value);
            if (then)
                then(value);
        });
        return true;
    }

    HandOver<int> handOver;
    QList<int> taken;
    int events = 0;
    std::function<void(int)> then;
};

} // namespace

void tst_Mailbox::isOneAThread()
{
    const auto ours = Mailbox::ofThisThread();
    QCOMPARE(ours, Mailbox::ofThisThread());
    std::shared_ptr<Mailbox> theirs; // shared with the thread, which ends first
    std::thread([&] { theirs = Mailbox::ofThisThread(); }).join();
    QVERIFY(theirs && theirs != ours);
}

static QCoro::Task<> note(OneShot<void> result, QList<int> &order, int value)
{
    co_await result;
    order.append(value);
}

void tst_Mailbox::resumesInOrder()
{
    QList<int> order;
    std::vector<OneShot<void>::Finisher> finishers;
    for (int i = 0; i < 100; ++i) {
        auto [finisher, result] = oneShot<void>();
        note(std::move(result), order, i);
        finishers.push_back(std::move(finisher));
    }
    for (auto &finisher : finishers)
        finisher.set();
    QTRY_COMPARE(order.size(), 100);
    QVERIFY(std::is_sorted(order.cbegin(), order.cend()));
}

static QCoro::Task<> nest(OneShot<void> result, const bool &other, bool &sawIt)
{
    co_await result;
    sawIt = QTest::qWaitFor([&] { return other; });
}

static QCoro::Task<> mark(OneShot<void> result, bool &done)
{
    co_await result;
    done = true;
}

void tst_Mailbox::nestedLoopGoesOnWithTheBatch()
{
    // The first coroutine waits, in a loop of its own, for the second, which is behind it in the same batch.
    bool second = false, sawIt = false;
    auto [finishFirst, firstResult] = oneShot<void>();
    auto [finishSecond, secondResult] = oneShot<void>();
    nest(std::move(firstResult), second, sawIt);
    mark(std::move(secondResult), second);
    finishFirst.set();
    finishSecond.set();
    QTRY_VERIFY(second);
    QTRY_VERIFY(sawIt);
}

void tst_Mailbox::burstIsOneEvent()
{
    Receiver receiver;
    QList<int> expected;
    for (int i = 0; i < 1000; ++i) {
        receiver.handOver.push(i);
        expected.append(i);
    }
    QCoreApplication::sendPostedEvents(&receiver);
    QCOMPARE(receiver.taken, expected);
    QVERIFY(receiver.events <= 2); // the second is for a nested loop, should there be one
    QCoreApplication::sendPostedEvents(&receiver);
    QVERIFY(receiver.events <= 2);
}

void tst_Mailbox::takesOnlyWhatWasThere()
{
    Receiver receiver;
    receiver.then = [&](int value) {
        if (value < 10)
            receiver.handOver.push(value + 1);
    };
    receiver.handOver.push(1);
    QEvent event(QEvent::User);
    receiver.event(&event);
    QCOMPARE(receiver.taken, QList{ 1 }); // others get their turn between
    QTRY_COMPARE(receiver.taken.size(), 10);
}

void tst_Mailbox::nothingReachesAClosedReceiver()
{
    Receiver receiver;
    receiver.handOver.close();
    receiver.handOver.push(1);
    QCoreApplication::processEvents();
    QVERIFY(receiver.taken.isEmpty());
    receiver.handOver.open(&receiver);
    receiver.handOver.push(2);
    QCoreApplication::processEvents();
    QCOMPARE(receiver.taken, QList{ 2 });
}

void tst_Mailbox::clearDropsTheRest()
{
    Receiver receiver;
    receiver.handOver.push(1);
    receiver.handOver.push(2);
    receiver.handOver.clear();
    QCoreApplication::processEvents();
    QVERIFY(receiver.taken.isEmpty());
}

void tst_Mailbox::valueThatIsDroppedMayPush()
{
    // A closure may hold what posts when it dies; a lock held meanwhile would be a deadlock.
    struct Pusher
    {
        HandOver<std::shared_ptr<Pusher>> &handOver;
        ~Pusher() { handOver.push(nullptr); }
    };
    HandOver<std::shared_ptr<Pusher>> handOver; // shared: the pushed and the dropped copy
    QObject receiver;
    handOver.open(&receiver);
    handOver.push(std::make_shared<Pusher>(handOver));
    handOver.clear();
    handOver.close();
    handOver.push(std::make_shared<Pusher>(handOver));
    handOver.clear();
}

QTEST_GUILESS_MAIN(tst_Mailbox)
#include "tst_mailbox.moc"
