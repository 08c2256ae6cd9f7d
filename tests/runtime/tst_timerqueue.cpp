// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/runtime/timerqueue.h"

#include <QtTest>

using namespace std::chrono_literals;
using godwit::TimePoint;
using godwit::runtime::TimerQueue;
using std::chrono::milliseconds;

class tst_TimerQueue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void coarseTimersMeetOnAGrid_data();
    void coarseTimersMeetOnAGrid();
    void catchesUpWithoutABurst();
    void sameIdAgainReplaces();
    void leftIsRoundedUp();
    void farFutureDoesNotOverflow();
};

namespace {

struct Receiver : QObject
{
    int count = 0;
    void timerEvent(QTimerEvent *) override { ++count; }
};

constexpr TimePoint start{ 1'000'000'123'456ns };

} // namespace

void tst_TimerQueue::coarseTimersMeetOnAGrid_data()
{
    QTest::addColumn<int>("interval");
    QTest::addColumn<Qt::TimerType>("type");
    QTest::addColumn<int>("mostDeviation"); // ms
    QTest::addColumn<int>("grid"); // ms, 0: exact
    QTest::newRow("precise") << 1000 << Qt::PreciseTimer << 0 << 0;
    QTest::newRow("coarse, too short to move") << 19 << Qt::CoarseTimer << 0 << 0;
    QTest::newRow("coarse, 20 ms") << 20 << Qt::CoarseTimer << 1 << 1;
    QTest::newRow("coarse, 1 s") << 1000 << Qt::CoarseTimer << 25 << 32;
    QTest::newRow("coarse, 1 min") << 60'000 << Qt::CoarseTimer << 1500 << 2048;
    QTest::newRow("very coarse") << 2500 << Qt::VeryCoarseTimer << 500 << 1000;
    QTest::newRow("very coarse, short") << 100 << Qt::VeryCoarseTimer << 1000 << 1000;
}

void tst_TimerQueue::coarseTimersMeetOnAGrid()
{
    QFETCH(int, interval);
    QFETCH(Qt::TimerType, type);
    QFETCH(int, mostDeviation);
    QFETCH(int, grid);
    for (int offset = 0; offset < 2000; offset += 7) {
        TimerQueue queue;
        Receiver receiver;
        const TimePoint now = start + milliseconds(offset);
        queue.add(1, milliseconds(interval), type, &receiver, now);
        const TimePoint due = queue.nextDue().value();
        QVERIFY(due > now);
        QVERIFY(std::chrono::abs(due - now - milliseconds(interval)) <= milliseconds(mostDeviation));
        if (grid)
            QCOMPARE((due.time_since_epoch() % milliseconds(grid)).count(), 0);
    }
}

void tst_TimerQueue::catchesUpWithoutABurst()
{
    TimerQueue queue;
    Receiver receiver;
    queue.add(1, 10ms, Qt::PreciseTimer, &receiver, start);
    QCOMPARE(queue.fireDue(start + 9ms), 0);
    QCOMPARE(queue.fireDue(start + 12ms), 1);
    QCOMPARE(queue.nextDue().value(), start + 20ms); // no drift
    QCOMPARE(queue.fireDue(start + 95ms), 1); // once, however late
    QCOMPARE(queue.fireDue(start + 96ms), 0);
    QCOMPARE(queue.nextDue().value(), start + 105ms);
    QCOMPARE(receiver.count, 2);
}

void tst_TimerQueue::sameIdAgainReplaces()
{
    TimerQueue queue;
    Receiver one, two;
    queue.add(1, 10ms, Qt::PreciseTimer, &one, start);
    queue.add(1, 50ms, Qt::PreciseTimer, &two, start);
    QCOMPARE(queue.fireDue(start + 60ms), 1);
    QCOMPARE(one.count, 0);
    QCOMPARE(two.count, 1);
    QVERIFY(queue.timersOf(&one).isEmpty());
    QVERIFY(queue.remove(1));
    QVERIFY(!queue.remove(1));
    QVERIFY(!queue.nextDue());
}

void tst_TimerQueue::leftIsRoundedUp()
{
    TimerQueue queue;
    Receiver receiver;
    queue.add(1, 10ms, Qt::PreciseTimer, &receiver, start);
    QCOMPARE(queue.remaining(1, start + 1us).value(), 10ms);
    QCOMPARE(queue.remaining(1, start + 10ms).value(), 0ms);
    QCOMPARE(queue.remaining(1, start + 1h).value(), 0ms);
    QVERIFY(!queue.remaining(2, start));
}

void tst_TimerQueue::farFutureDoesNotOverflow()
{
    TimerQueue queue;
    Receiver receiver;
    queue.add(1, milliseconds::max(), Qt::PreciseTimer, &receiver, start);
    QVERIFY(queue.nextDue().value() > start + 24h);
    QCOMPARE(queue.fireDue(start + 24h), 0);
}

QTEST_GUILESS_MAIN(tst_TimerQueue)
#include "tst_timerqueue.moc"
