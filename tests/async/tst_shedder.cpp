// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/shedder.h"

#include <QTest>

#include <cmath>
#include <deque>
#include <random>
#include <thread>
#include <vector>

using namespace godwit;
using namespace godwit::async;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using std::chrono::nanoseconds;

namespace {

constexpr TimePoint start{ 1h };
constexpr nanoseconds service = 1ms; // so 1,000 a second can be done
constexpr nanoseconds refusing = 20us;

/// One server, first come first served, to which work comes at random (Poisson), whether it is shed or not: senders
/// that do not slow down.
class Queue
{
public:
    Queue(Shedder &shedder, unsigned seed) : m_shedder(shedder), m_random(seed) { }

    struct Report
    {
        int done = 0, shed = 0;
        nanoseconds waited{ 0 }, longest{ 0 }; ///< of what was done: all together, and the most
        double meanWait() const { return std::chrono::duration<double, std::milli>(waited).count() / done; }
    };
    /// Goes on for @p span with that many coming a second.
    Report run(nanoseconds span, double perSecond)
    {
        Report report;
        std::exponential_distribution<double> gap(perSecond / 1e9);
        const TimePoint end = m_now + span;
        for (TimePoint next = m_now + nanoseconds(qint64(gap(m_random))); m_now < end;) {
            for (; next <= m_now; next += nanoseconds(qint64(gap(m_random))))
                m_waiting.push_back(next);
            if (m_waiting.empty())
                m_now = next;
            else
                serve(report);
        }
        return report;
    }
    void add(int count) { m_waiting.insert(m_waiting.end(), size_t(count), m_now); }

private:
    void serve(Report &report)
    {
        const nanoseconds waited = m_now - m_waiting.front();
        m_waiting.pop_front();
        if (m_shedder.admits(waited, m_now)) {
            ++report.done;
            report.waited += waited;
            report.longest = std::max(report.longest, waited);
            m_now += service;
        } else {
            ++report.shed;
            m_now += refusing;
        }
    }

    Shedder &m_shedder;
    std::mt19937 m_random;
    std::deque<TimePoint> m_waiting;
    TimePoint m_now = start;
};

} // namespace

class tst_Shedder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void shedsNothingInTime_data();
    void shedsNothingInTime();
    void letsABurstPass();
    void onlyAStandingQueueCounts();
    void shedsFasterAndFaster();
    void beginsWhereItLeftOff();
    void overloadWaitsAboutTheTarget_data();
    void overloadWaitsAboutTheTarget();
    void theLawAloneTakesItsTime();
    void refusalSaysWhatWasSeen();
    void threads();
};

void tst_Shedder::shedsNothingInTime_data()
{
    QTest::addColumn<double>("load");
    QTest::newRow("hardly anything") << 0.1;
    QTest::newRow("half") << 0.5;
    QTest::newRow("seven tenths") << 0.7;
}

void tst_Shedder::shedsNothingInTime()
{
    QFETCH(const double, load);
    for (unsigned seed = 1; seed <= 10; ++seed) {
        Shedder shedder({});
        Queue queue(shedder, seed);
        QCOMPARE(queue.run(60s, load * 1'000).shed, 0);
        QVERIFY(!shedder.figures().isShedding);
    }
}

/// What the paper calls good queue: 90 at once wait for up to 90 ms, and then it is over.
void tst_Shedder::letsABurstPass()
{
    Shedder shedder({});
    Queue queue(shedder, 1);
    for (int i = 0; i < 20; ++i) {
        queue.add(90);
        const auto report = queue.run(1s, 1);
        QCOMPARE(report.shed, 0);
        QVERIFY(report.longest > 80ms);
    }
}

void tst_Shedder::onlyAStandingQueueCounts()
{
    Shedder shedder({ .target = 5ms, .interval = 100ms });
    QVERIFY(shedder.admits(1h, start));
    QVERIFY(shedder.admits(1h, start + 100ms - 1ns));
    QVERIFY(shedder.admits(5ms - 1ns, start + 100ms - 1ns)); // once below
    QVERIFY(shedder.admits(5ms, start + 100ms));
    QVERIFY(shedder.admits(5ms, start + 200ms - 1ns));
    QVERIFY(!shedder.admits(5ms, start + 200ms));
    QVERIFY(shedder.figures().isShedding);
    QVERIFY(shedder.admits(5ms - 1ns, start + 300ms));
    QVERIFY(!shedder.figures().isShedding);
    QVERIFY(shedder.admits(5ms, start + 300ms));
}

/// The n-th gap is interval / sqrt(n), so that the rate goes with the square root of their number.
void tst_Shedder::shedsFasterAndFaster()
{
    Shedder shedder({ .target = 5ms, .interval = 100ms, .longest = std::chrono::milliseconds::max() });
    std::vector<TimePoint> shedAt;
    TimePoint now = start;
    for (; shedAt.size() < 1'000; now += 10us) {
        if (!shedder.admits(20ms, now))
            shedAt.push_back(now);
    }
    QVERIFY(shedAt.front() == start + 100ms);
    double expected = 0.1; // seconds
    for (size_t n = 1; n < shedAt.size(); ++n) {
        expected += 0.1 / std::sqrt(n);
        const double seen = std::chrono::duration<double>(shedAt[n] - start).count();
        QVERIFY2(std::abs(seen - expected) < 20e-6, qPrintable(u"number %1: %2 s"_s.arg(n).arg(seen)));
    }
    QCOMPARE(shedder.figures().count, 1'000);
    QCOMPARE(shedder.figures().shed, 1'000);
}

/// A load that comes back soon meets the rate that was enough before; one that comes later begins anew.
void tst_Shedder::beginsWhereItLeftOff()
{
    for (const auto pause : { 1s, 10s }) {
        Shedder shedder({});
        TimePoint now = start;
        while (shedder.figures().count < 100) {
            shedder.admits(20ms, now);
            now += 1ms;
        }
        QVERIFY(shedder.admits(0ms, now));
        now += pause;
        shedder.admits(20ms, now);
        QVERIFY(!shedder.admits(20ms, now + 100ms));
        QCOMPARE(shedder.figures().count, pause == 1s ? 99 : 1); // RFC 8289, 5.4: 16 intervals
    }
}

void tst_Shedder::overloadWaitsAboutTheTarget_data()
{
    QTest::addColumn<double>("load");
    QTest::newRow("a little too much") << 1.1;
    QTest::newRow("half as much again") << 1.5;
    QTest::newRow("three times") << 3.0;
    QTest::newRow("ten times") << 10.0;
}

void tst_Shedder::overloadWaitsAboutTheTarget()
{
    QFETCH(const double, load);
    Shedder shedder({});
    Queue queue(shedder, 7);
    QCOMPARE(queue.run(10s, 500).shed, 0);

    const auto first = queue.run(10s, load * 1'000);
    QVERIFY(first.shed > 0);
    QVERIFY2(first.longest < 110ms, qPrintable(u"%1 ms"_s.arg(first.longest / 1ms))); // not 10 s and more
    queue.run(60s, load * 1'000);
    const auto settled = queue.run(60s, load * 1'000);
    QVERIFY2(settled.meanWait() < 15, qPrintable(u"%1 ms on average"_s.arg(settled.meanWait())));
    QVERIFY(settled.longest <= 110ms);
    // Nothing is wasted: the server works all the time, but for what refusing takes.
    const double possible = 60'000 - settled.shed * 0.02;
    QVERIFY2(settled.done > 0.97 * possible, qPrintable(u"%1 of %2"_s.arg(settled.done).arg(possible)));

    queue.run(1s, 500); // it takes what was waiting
    QCOMPARE(queue.run(10s, 500).shed, 0);
    QVERIFY(!shedder.figures().isShedding);
}

/// The rate at which the law sheds grows by interval^-2 / 2, 50 a second every second: ten seconds for 500 too many. It
/// does get there.
void tst_Shedder::theLawAloneTakesItsTime()
{
    Shedder shedder({ .longest = std::chrono::milliseconds::max() });
    Queue queue(shedder, 3);
    QVERIFY(queue.run(5s, 1'500).longest > 1s);
    queue.run(55s, 1'500);
    const auto settled = queue.run(60s, 1'500);
    QVERIFY2(settled.meanWait() < 2'000, qPrintable(u"%1 ms on average"_s.arg(settled.meanWait()))); // 30 s without
    QVERIFY(settled.shed > 29'000);
}

void tst_Shedder::refusalSaysWhatWasSeen()
{
    Shedder shedder({ .name = u"requests"_s, .target = 20ms, .retryAfter = 3s });
    QVERIFY(shedder.admit(50ms, start));
    const auto refused = shedder.admit(50ms, start + 100ms);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code(), Error::Code::Unavailable);
    QVERIFY(refused.error().decider());
    QCOMPARE(refused.error().decider()->kind, Decider::Kind::Shedding);
    QCOMPARE(refused.error().decider()->name, u"requests"_s);
    QCOMPARE(refused.error().decider()->limit, 0.02);
    QCOMPARE(refused.error().decider()->used, 0.05);
    QCOMPARE(refused.error().decider()->retryAfter, 3s);
    QVERIFY(shedder.figures().waited == 50ms);
}

/// All threads together shed as often as one alone would.
void tst_Shedder::threads()
{
    Shedder shedder({ .longest = std::chrono::milliseconds::max() });
    std::atomic<qint64> clock = 0;
    std::atomic<qint64> shed = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 25'000; ++i)
                    shed += !shedder.admits(20ms, start + std::chrono::microseconds(clock += 50)); // 10 s in all
            });
        }
    }
    QCOMPARE(shedder.figures().shed, shed.load());
    // 9.9 s = 0.1 s · (1 + 1/sqrt(2) + ... + 1/sqrt(n)), which is about 0.2 s · sqrt(n)
    QVERIFY2(shed > 2'300 && shed < 2'600, qPrintable(QString::number(shed)));
    QVERIFY(shedder.admits(0ms, start + 11s));
    QVERIFY(!shedder.figures().isShedding);
}

QTEST_APPLESS_MAIN(tst_Shedder)
#include "tst_shedder.moc"
