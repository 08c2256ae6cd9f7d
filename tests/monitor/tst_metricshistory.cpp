// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/metricshistory.h"

#include <QSignalSpy>
#include <QTest>

#include <cmath>

using namespace std::chrono_literals;
using namespace godwit;
using models::Metric;
using models::MetricsGap;
using models::MetricsHistory;
using models::PlotPoint;

class tst_MetricsHistory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsAnHourAndNoMore();
    void dropsWhatIsNotNewer();
    void beginsAnewWhenTheClockWasSetBack();
    void missingSamplesAreGaps();
    void theOpenGapGrows();
    void linesBreakInGaps();
    void linesBreakWhereNothingWasMeasured();
    void thinningKeepsPeaks();
    void thinningDoesNotFlicker();
    void nowFollowsTheServersClock();
    void staleAfterThreeSeconds();
    void nearestIsNear();

private:
    static protocol::MetricsSample sample(std::chrono::milliseconds at, double cpu = 50);
    static Timestamp time(std::chrono::milliseconds at) { return Timestamp(1'000'000s + at); }
    ManualClock m_clock;
};

protocol::MetricsSample tst_MetricsHistory::sample(std::chrono::milliseconds at, double cpu)
{
    protocol::MetricsSample sample;
    sample.timestamp = time(at);
    sample.cpuUsage = cpu;
    return sample;
}

void tst_MetricsHistory::keepsAnHourAndNoMore()
{
    MetricsHistory history(m_clock);
    QSignalSpy added(&history, &MetricsHistory::added);
    for (int i = 0; i < 4000; ++i)
        history.add(sample(std::chrono::seconds(i)));
    QCOMPARE(added.count(), 4000);
    QCOMPARE(history.size(), MetricsHistory::capacity);
    QVERIFY(!history.nearest(time(398s)));
    QVERIFY(history.nearest(time(400s)));
}

void tst_MetricsHistory::dropsWhatIsNotNewer()
{
    MetricsHistory history(m_clock);
    history.add(sample(10s, 1));
    history.add(sample(10s, 2)); // the server sends the last one again after a reconnect
    history.add(sample(9s, 3));
    QCOMPARE(history.size(), 1);
    QCOMPARE(history.latest().cpuUsage, 1.0);
}

void tst_MetricsHistory::beginsAnewWhenTheClockWasSetBack()
{
    MetricsHistory history(m_clock);
    history.add(sample(100s));
    history.add(sample(101s));
    history.add(sample(50s, 7));
    QCOMPARE(history.size(), 1);
    QCOMPARE(history.latest().cpuUsage, 7.0);
}

void tst_MetricsHistory::missingSamplesAreGaps()
{
    MetricsHistory history(m_clock);
    for (const auto at : { 0s, 1s, 2s, 5s, 9s, 10s }) // three seconds are still no gap
        history.add(sample(at));
    QCOMPARE(history.gaps(time(0s), time(10s)), (QList<MetricsGap>{ { time(5s), time(9s) } }));
    QCOMPARE(history.gaps(time(6s), time(7s)), (QList<MetricsGap>{ { time(5s), time(9s) } }));
    QVERIFY(history.gaps(time(0s), time(4s)).isEmpty());
    QVERIFY(MetricsHistory(m_clock).gaps(time(0s), time(10s)).isEmpty());
}

void tst_MetricsHistory::theOpenGapGrows()
{
    MetricsHistory history(m_clock);
    history.add(sample(0s));
    QVERIFY(history.gaps(time(-60s), time(3s)).isEmpty());
    QCOMPARE(history.gaps(time(-60s), time(8s)), (QList<MetricsGap>{ { time(0s), time(8s) } }));
}

void tst_MetricsHistory::linesBreakInGaps()
{
    MetricsHistory history(m_clock);
    for (const auto at : { 0s, 1s, 20s, 21s })
        history.add(sample(at));
    const auto line = history.series(Metric::Cpu, time(0s), time(21s), 100);
    QCOMPARE(line.size(), 5);
    QVERIFY(std::isnan(line[2].value));
    QVERIFY(line[2].time > line[1].time && line[2].time < line[3].time);
}

void tst_MetricsHistory::linesBreakWhereNothingWasMeasured()
{
    MetricsHistory history(m_clock);
    history.add(sample(0s));
    history.add(sample(1s, std::nan("")));
    history.add(sample(2s));
    const auto line = history.series(Metric::Cpu, time(0s), time(2s), 100);
    QCOMPARE(line.size(), 3);
    QVERIFY(std::isnan(line[1].value));
    QVERIFY(history.gaps(time(0s), time(2s)).isEmpty()); // there was a sample: nothing is missing
}

void tst_MetricsHistory::thinningKeepsPeaks()
{
    MetricsHistory history(m_clock);
    for (int i = 0; i < 900; ++i)
        history.add(sample(std::chrono::seconds(i), i == 437 ? 99 : i == 611 ? 1 : 50));
    const auto line = history.series(Metric::Cpu, time(0s), time(899s), 100);
    QVERIFY2(line.size() <= 110, qPrintable(QString::number(line.size())));
    const auto has = [&line](double value) {
        return std::any_of(line.begin(), line.end(), [value](const PlotPoint &point) { return point.value == value; });
    };
    QVERIFY(has(99));
    QVERIFY(has(1));
    QVERIFY(std::is_sorted(line.begin(), line.end(),
                           [](const PlotPoint &a, const PlotPoint &b) { return a.time < b.time; }));
}

void tst_MetricsHistory::thinningDoesNotFlicker()
{
    MetricsHistory history(m_clock);
    for (int i = 0; i < 900; ++i)
        history.add(sample(std::chrono::seconds(i), i * 37 % 101));
    // A second later the inner slices hold the same points.
    const auto before = history.series(Metric::Cpu, time(0s), time(600s), 60);
    const auto after = history.series(Metric::Cpu, time(1s), time(601s), 60);
    for (qsizetype i = 4; i < before.size() - 4; ++i) {
        const PlotPoint &point = before[i];
        QVERIFY(std::any_of(after.begin(), after.end(), [&point](const PlotPoint &other) {
            return other.time == point.time && other.value == point.value;
        }));
    }
}

void tst_MetricsHistory::nowFollowsTheServersClock()
{
    MetricsHistory history(m_clock);
    QCOMPARE(history.now(), m_clock.timestamp());
    history.add(sample(500s));
    m_clock.advance(1500ms);
    QCOMPARE(history.now(), time(501'500ms));
}

void tst_MetricsHistory::staleAfterThreeSeconds()
{
    MetricsHistory history(m_clock);
    QVERIFY(history.isStale());
    history.add(sample(0s));
    m_clock.advance(3s);
    QVERIFY(!history.isStale());
    m_clock.advance(1ms);
    QVERIFY(history.isStale());
    history.add(sample(1s));
    QVERIFY(!history.isStale());
}

void tst_MetricsHistory::nearestIsNear()
{
    MetricsHistory history(m_clock);
    history.add(sample(0s, 1));
    history.add(sample(1s, 2));
    QCOMPARE((*history.nearest(time(400ms)))[Metric::Cpu], 1.0);
    QCOMPARE((*history.nearest(time(600ms)))[Metric::Cpu], 2.0);
    QVERIFY(history.nearest(time(2500ms)));
    QVERIFY(!history.nearest(time(2501ms)));
    QVERIFY(!history.nearest(time(-1501ms)));
}

QTEST_GUILESS_MAIN(tst_MetricsHistory)
#include "tst_metricshistory.moc"
