// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/broadcast.h"
#include "tests/support/rounds.h"

#include <QCoroTask>
#include <QEventLoop>
#include <QTest>
#include <QThread>

#include <random>

using namespace godwit;
using namespace godwit::async;
using namespace std::chrono_literals;
using Code = Error::Code;
using Channel = Broadcast<int>;

namespace {

/// What a receiver has got so far: values, -n for n missed, 0 for the end. Values start at 1.
struct Listener
{
    explicit Listener(Channel &channel) : receiver(channel.subscribe()) { }

    std::optional<Channel::Receiver> receiver;
    std::stop_source stop;
    QList<int> got;
    std::optional<Error> error;
    bool isAtEnd() const { return !got.isEmpty() && got.last() == 0; }
};

int toNumber(const Channel::Item &item)
{
    if (const int *value = std::get_if<int>(&item))
        return *value;
    if (const auto *lagged = std::get_if<Channel::Lagged>(&item))
        return -int(lagged->missed);
    return 0;
}

QCoro::Task<> receiveOne(Listener &listener)
{
    try {
        auto receive = listener.receiver->receive({ .stop = listener.stop.get_token() });
        listener.got.append(toNumber(co_await receive));
    } catch (const Error &error) {
        listener.error = error;
    }
}

QCoro::Task<> receiveAll(Listener &listener)
{
    while (!listener.isAtEnd() && !listener.error)
        co_await receiveOne(listener);
}

void runLoop()
{
    for (int i = 0; i < 3; ++i)
        QCoreApplication::sendPostedEvents();
}

} // namespace

class tst_Broadcast : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyReceiverSeesAll();
    void fromTheSubscriptionOn();
    void whoLagsIsTold();
    void whoIsSlowHoldsUpNobody();
    void whatIsKeptIsReceivedBeforeTheEnd();
    void endOfTheChannelCloses();
    void withoutReceiversNothingIsKept();
    void tokenEndsAWait();
    void stoppedReceivesNothing();
    void waitEndsWithItsReceiver();
    void tryReceiveDoesNotWait();
    void asAModel();
    void threads();
};

void tst_Broadcast::everyReceiverSeesAll()
{
    Channel channel(8);
    std::vector<Listener> listeners;
    for (int i = 0; i < 5; ++i)
        listeners.emplace_back(channel);
    for (Listener &listener : listeners)
        receiveAll(listener);
    for (const int value : { 1, 2, 3 })
        QCOMPARE(channel.send(value), 5);
    runLoop();
    channel.close();
    runLoop();
    for (const Listener &listener : listeners)
        QCOMPARE(listener.got, (QList<int>{ 1, 2, 3, 0 }));
    QCOMPARE(channel.figures().sent, quint64(3));
    QCOMPARE(channel.send(4), 0);
}

void tst_Broadcast::fromTheSubscriptionOn()
{
    Channel channel(8);
    Listener early(channel);
    channel.send(1);
    Listener late(channel);
    channel.send(2);
    channel.close();
    receiveAll(early);
    receiveAll(late);
    QCOMPARE(early.got, (QList<int>{ 1, 2, 0 })); // without the event loop: it is all there
    QCOMPARE(late.got, (QList<int>{ 2, 0 }));
}

void tst_Broadcast::whoLagsIsTold()
{
    Channel channel(3);
    Listener listener(channel);
    for (int value = 1; value <= 10; ++value)
        channel.send(value);
    channel.close();
    receiveAll(listener);
    QCOMPARE(listener.got, (QList<int>{ -7, 8, 9, 10, 0 }));
    QCOMPARE(channel.figures().missed, quint64(7));
    QCOMPARE(channel.figures().kept, 3);
}

void tst_Broadcast::whoIsSlowHoldsUpNobody()
{
    Channel channel(2);
    Listener slow(channel), quick(channel);
    receiveAll(quick);
    for (int value = 1; value <= 100; ++value) {
        channel.send(value);
        runLoop();
    }
    QCOMPARE(quick.got.size(), 100);
    QCOMPARE(channel.figures().kept, 2);
    receiveOne(slow);
    receiveOne(slow);
    QCOMPARE(slow.got, (QList<int>{ -98, 99 }));
    channel.close();
    runLoop();
}

void tst_Broadcast::whatIsKeptIsReceivedBeforeTheEnd()
{
    Channel channel(3);
    Listener listener(channel);
    channel.send(1);
    channel.close();
    channel.close();
    receiveAll(listener);
    QCOMPARE(listener.got, (QList<int>{ 1, 0 }));
    receiveOne(listener);
    QCOMPARE(listener.got, (QList<int>{ 1, 0, 0 })); // for ever
    Listener late(channel);
    receiveAll(late);
    QCOMPARE(late.got, QList<int>{ 0 });
}

void tst_Broadcast::endOfTheChannelCloses()
{
    std::optional<Channel> channel(std::in_place, 3);
    Listener waiting(*channel), behind(*channel);
    channel->send(1);
    receiveAll(waiting);
    channel.reset();
    runLoop();
    receiveAll(behind);
    QCOMPARE(waiting.got, (QList<int>{ 1, 0 }));
    QCOMPARE(behind.got, (QList<int>{ 1, 0 }));
}

void tst_Broadcast::withoutReceiversNothingIsKept()
{
    Broadcast<std::shared_ptr<int>> channel(3);
    const auto value = std::make_shared<int>(1);
    QCOMPARE(channel.send(value), 0);
    QCOMPARE(value.use_count(), 1);
    {
        const auto receiver = channel.subscribe();
        QCOMPARE(channel.send(value), 1);
        QCOMPARE(value.use_count(), 2);
    }
    QCOMPARE(value.use_count(), 1);
    auto receiver = channel.subscribe(); // after that
    QVERIFY(!receiver.tryReceive());
    channel.send(value);
    QVERIFY(receiver.tryReceive());
}

void tst_Broadcast::tokenEndsAWait()
{
    Channel channel(3);
    Listener listener(channel);
    receiveOne(listener);
    QCOMPARE(channel.figures().waiting, 1);
    listener.stop.request_stop();
    QCOMPARE(channel.figures().waiting, 0);
    runLoop();
    QVERIFY(listener.error && listener.error->code() == Code::Cancelled);
    channel.send(1);
    listener.stop = {};
    receiveOne(listener); // goes on where it was
    QCOMPARE(listener.got, QList<int>{ 1 });
}

void tst_Broadcast::stoppedReceivesNothing()
{
    Channel channel(3);
    Listener listener(channel);
    channel.send(1);
    listener.stop.request_stop();
    receiveOne(listener);
    QVERIFY(listener.error && listener.error->code() == Code::Cancelled);
    QVERIFY(listener.got.isEmpty());
}

void tst_Broadcast::waitEndsWithItsReceiver()
{
    Channel channel(3);
    Listener listener(channel);
    receiveOne(listener);
    listener.receiver.reset();
    QCOMPARE(channel.figures().waiting, 0);
    QCOMPARE(channel.figures().receivers, 0);
    runLoop();
    QVERIFY(listener.error && listener.error->code() == Code::Cancelled);
}

void tst_Broadcast::tryReceiveDoesNotWait()
{
    Channel channel(3);
    auto receiver = channel.subscribe();
    QVERIFY(!receiver.tryReceive());
    channel.send(1);
    QCOMPARE(toNumber(*receiver.tryReceive()), 1);
    channel.close();
    QCOMPARE(toNumber(*receiver.tryReceive()), 0);
}

/// Random sends, receives, cancellations, subscriptions and ends: each receiver has got what it should have, and knows
/// of every value that it has not got.
void tst_Broadcast::asAModel()
{
    for (unsigned seed = 1; seed <= rounds(1'000); ++seed) {
        const QByteArray where = "seed " + QByteArray::number(seed);
        std::mt19937 random(seed);
        const int capacity = 1 + int(random() % 5);
        Channel channel(capacity);
        struct Followed
        {
            std::unique_ptr<Listener> listener;
            int first = 0; ///< value that it should see first
            bool isWaiting() const { return pending > int(listener->got.size()) + stopped; }
            int pending = 0, stopped = 0;
        };
        std::vector<Followed> all;
        int sent = 0;
        for (int step = 0; step < 100; ++step) {
            const auto what = random() % 10;
            if (what < 3) {
                channel.send(++sent);
            } else if (what == 3 && all.size() < 5) {
                all.push_back({ .listener = std::make_unique<Listener>(channel), .first = sent + 1 });
            } else if (!all.empty()) {
                Followed &one = all[random() % all.size()];
                if (what == 4 && one.isWaiting()) {
                    one.listener->stop.request_stop();
                    runLoop();
                    if (one.listener->error) {
                        ++one.stopped;
                        one.listener->error.reset();
                    }
                    one.listener->stop = {};
                } else if (!one.isWaiting()) {
                    ++one.pending;
                    receiveOne(*one.listener);
                }
            }
            if (random() % 3)
                runLoop();
        }
        channel.close();
        runLoop();
        for (Followed &one : all) {
            receiveAll(*one.listener);
            int next = one.first;
            for (const int got : one.listener->got) {
                if (got > 0)
                    QVERIFY2(got == next++, where.constData());
                else
                    next -= got;
            }
            QVERIFY2(next == sent + 1, where.constData());
            QVERIFY2(one.listener->isAtEnd(), where.constData());
        }
        QVERIFY2(channel.figures().kept <= capacity, where.constData());
    }
}

/// Four send, four receive in event loops: each receiver has all values in one order, or knows how many it missed.
void tst_Broadcast::threads()
{
    constexpr int senders = 4, receivers = 4, each = 5'000;
    Channel channel(64);
    std::vector<std::unique_ptr<Listener>> listeners;
    for (int i = 0; i < receivers; ++i)
        listeners.push_back(std::make_unique<Listener>(channel));
    std::vector<std::unique_ptr<QThread>> threads;
    for (const auto &listener : listeners) {
        threads.emplace_back(QThread::create([&listener] {
            QEventLoop loop;
            receiveAll(*listener);
            while (!listener->isAtEnd())
                loop.processEvents(QEventLoop::WaitForMoreEvents);
        }));
    }
    std::atomic<int> running = senders;
    for (int s = 0; s < senders; ++s) {
        threads.emplace_back(QThread::create([&channel, &running, s] {
            for (int i = 0; i < each; ++i) {
                channel.send(1 + s * each + i);
                if (i % 32 == 0)
                    QThread::yieldCurrentThread();
            }
            if (--running == 0)
                channel.close();
        }));
    }
    for (const auto &thread : threads)
        thread->start();
    for (const auto &thread : threads)
        thread->wait();
    for (const auto &listener : listeners) {
        int known = 0;
        std::array<int, senders> last{};
        for (const int got : listener->got) {
            known += got > 0 ? 1 : -got;
            if (got > 0) {
                int &before = last[size_t(got - 1) / each];
                QVERIFY(got > before); // of one sender, in its order
                before = got;
            }
        }
        QCOMPARE(known, senders * each);
    }
}

QTEST_GUILESS_MAIN(tst_Broadcast)
#include "tst_broadcast.moc"
