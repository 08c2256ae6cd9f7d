// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/history.h"
#include "tests/support/rounds.h"

#include <QRandomGenerator>
#include <QTest>

#include <map>

using namespace godwit;
using namespace godwit::sensors;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// The rings against a model that keeps every reading.
class tst_Ring : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void holdsTheCapacityAndNoMore();
    void agreesWithANaiveModel_data();
    void agreesWithANaiveModel();
    void givesWhatChangedOnce();
    void sumsUpSteps();
    void choosesTheFinestRingThatCovers_data();
    void choosesTheFinestRingThatCovers();
    void countsATimeOnce();
    void latestIsTheNewestMeasurement();
    void clockThatGoesBackLosesNothingNew();
    void seriesAreBounded();
    void refusesTimesThatAreNotKept();
    void forgetsSeriesThatAreEmpty();
};

static Timestamp at(qint64 seconds)
{
    return Timestamp(std::chrono::seconds(seconds));
}

void tst_Ring::holdsTheCapacityAndNoMore()
{
    Ring ring({ .step = 10s, .capacity = 6 });
    const Timestamp now = at(100'000);
    QVERIFY(ring.add(now, Rollup::of(1), now));
    QVERIFY(ring.add(now - 60s, Rollup::of(2), now));
    QVERIFY(!ring.add(now - 70s, Rollup::of(3), now));
    QVERIFY(ring.add(now + 60s, Rollup::of(4), now));
    QVERIFY(!ring.add(now + 70s, Rollup::of(5), now));
    QCOMPARE(ring.read(now - 1h, now + 1h, now).size(), 3);
    QCOMPARE(ring.read(now - 1h, now + 1h, now + 10s).size(), 2); // time alone lets them go
    QVERIFY(ring.isEmpty(now + 1h));
}

/// A slot's place is used again by slots a whole turn away; a model of that and of nothing else.
class Model
{
public:
    Model(std::chrono::seconds step, qint64 capacity) : m_step(step.count()), m_places(capacity + 60 / step.count() + 1)
    {
    }

    bool add(qint64 time, double value, qint64 now)
    {
        const qint64 slot = time / m_step;
        if (!isKept(slot, now))
            return false;
        std::erase_if(m_values,
                      [&](const auto &item) { return item.first != slot && item.first % m_places == slot % m_places; });
        m_values[slot].push_back(value);
        return true;
    }
    std::map<qint64, std::vector<double>> kept(qint64 now) const
    {
        auto values = m_values;
        std::erase_if(values, [&](const auto &item) { return !isKept(item.first, now); });
        return values;
    }

private:
    bool isKept(qint64 slot, qint64 now) const
    {
        const qint64 last = now / m_step + 60 / m_step;
        return slot <= last && slot > last - m_places;
    }
    const qint64 m_step, m_places;
    std::map<qint64, std::vector<double>> m_values;
};

void tst_Ring::agreesWithANaiveModel_data()
{
    QTest::addColumn<int>("step");
    QTest::addColumn<int>("jump"); // seconds, of the clock, now and then
    QTest::newRow("seconds") << 1 << 0;
    QTest::newRow("tens") << 10 << 0;
    QTest::newRow("minutes") << 60 << 0;
    QTest::newRow("seconds, small jumps") << 1 << 40;
    QTest::newRow("tens, small jumps") << 10 << 400;
    QTest::newRow("seconds, large jumps") << 1 << 100'000;
    QTest::newRow("minutes, large jumps") << 60 << 1'000'000;
}

void tst_Ring::agreesWithANaiveModel()
{
    QFETCH(int, step);
    QFETCH(int, jump);
    constexpr int capacity = 50;
    for (quint32 seed = 1; seed <= rounds(8); ++seed) {
        QRandomGenerator random(seed);
        Ring ring({ .step = std::chrono::seconds(step), .capacity = capacity });
        Model model(std::chrono::seconds(step), capacity);
        qint64 now = 1'700'000'000;
        for (int i = 0; i < 4'000; ++i) {
            now += random.bounded(step + 1);
            if (jump > 0 && random.bounded(100) == 0)
                now += random.bounded(2 * jump) - jump;
            // Mostly the present, often late, sometimes outside, sometimes the same once more.
            const qint64 time = now + (random.bounded(3) ? 0 : 90 - random.bounded(step * capacity * 3 / 2));
            const double value = random.bounded(1'000) / 8.0; // exact in binary, so that sums can be compared
            const int times = random.bounded(10) ? 1 : 2;
            for (int n = 0; n < times; ++n)
                QCOMPARE(ring.add(at(time), Rollup::of(value), at(now)), model.add(time, value, now));
            if (i % 100 != 0)
                continue;
            const auto kept = model.kept(now);
            const auto buckets = ring.read(at(0), at(now + 1'000), at(now));
            QCOMPARE(buckets.size(), kept.size());
            auto expected = kept.begin();
            for (const Bucket &bucket : buckets) {
                const auto &[slot, values] = *expected++;
                QCOMPARE(qint64(bucket.slot), slot);
                QCOMPARE(size_t(bucket.rollup.count), values.size());
                QCOMPARE(bucket.rollup.min, *std::ranges::min_element(values));
                QCOMPARE(bucket.rollup.max, *std::ranges::max_element(values));
                QCOMPARE(bucket.rollup.sum, std::accumulate(values.begin(), values.end(), 0.0));
            }
        }
    }
}

void tst_Ring::givesWhatChangedOnce()
{
    Ring ring({ .step = 1s, .capacity = 60 });
    const Timestamp now = at(100'000);
    ring.add(now, Rollup::of(1), now);
    ring.add(now, Rollup::of(3), now);
    ring.add(now - 5s, Rollup::of(2), now);
    ring.restore({ .slot = 99'990, .rollup = Rollup::of(9) }, now);
    const auto changed = ring.takeChanged();
    QCOMPARE(changed.size(), 2);
    QCOMPARE(changed[1].rollup.count, 2u);
    QVERIFY(ring.takeChanged().empty());
    ring.putBack(changed);
    ring.add(now, Rollup::of(5), now);
    QCOMPARE(ring.takeChanged()[1].rollup.count, 3u); // as it is then
    QCOMPARE(ring.read(now - 1min, now + 1s, now).size(), 3); // with what was restored
}

void tst_Ring::sumsUpSteps()
{
    Series series;
    const Timestamp now = at(100'000);
    for (int i = 0; i < 120; ++i)
        QCOMPARE(series.add(now - std::chrono::seconds(i), i, Series::Times::OfArrival, now, {}), Series::Added::New);
    const auto plan = Series::plan(now - 2min, 60s, now);
    QCOMPARE(plan.ring, 0u);
    const auto points = series.read(now - 2min, now + 1s, plan, now);
    QCOMPARE(points.size(), 3); // 99,840 (partly before), 99,900, 99,960
    QCOMPARE(points[0].at, at(99'840));
    QCOMPARE(points[1].at, at(99'900));
    QCOMPARE(points[1].rollup.count, 60u);
    QCOMPARE(points[1].rollup.max, 100.0);
    QCOMPARE(points[1].rollup.min, 41.0);
    QCOMPARE(points[1].rollup.average(), 70.5);
    QCOMPARE(points[2].rollup.count, 41u);
    // The coarser rings hold the same.
    for (size_t ring = 1; ring < ringShapes.size(); ++ring) {
        const auto same = series.read(now - 2min, now + 1s, { .ring = ring, .step = 60s }, now);
        QCOMPARE(same[1].rollup.sum, points[1].rollup.sum);
    }
}

void tst_Ring::choosesTheFinestRingThatCovers_data()
{
    QTest::addColumn<int>("from"); // seconds ago
    QTest::addColumn<int>("step");
    QTest::addColumn<int>("ring");
    QTest::addColumn<int>("actual");
    QTest::newRow("an hour") << 3'600 << 1 << 0 << 1;
    QTest::newRow("a little more") << 3'601 << 1 << 1 << 10;
    QTest::newRow("an odd step") << 3'601 << 15 << 1 << 20;
    QTest::newRow("a large step") << 60 << 3'600 << 0 << 3'600;
    QTest::newRow("a day") << 86'400 << 10 << 1 << 10;
    QTest::newRow("more") << 86'401 << 1 << 2 << 60;
    QTest::newRow("more than there is") << 10'000'000 << 61 << 2 << 120;
}

void tst_Ring::choosesTheFinestRingThatCovers()
{
    QFETCH(int, from);
    QFETCH(int, step);
    const Timestamp now = at(100'000'000);
    const auto plan = Series::plan(now - std::chrono::seconds(from), std::chrono::seconds(step), now);
    QTEST(int(plan.ring), "ring");
    QTEST(int(plan.step.count()), "actual");
}

void tst_Ring::countsATimeOnce()
{
    ManualClock clock;
    History history(4, clock);
    const Reading reading{ .series = u"a"_s, .value = 1, .at = clock.timestamp() };
    QCOMPARE(history.add(reading)->isDuplicate, false);
    QCOMPARE(history.add(reading)->isDuplicate, true);
    const Reading untimed{ .series = u"a"_s, .value = 1 };
    QCOMPARE(history.add(untimed)->isDuplicate, false); // two sensors may answer in the same millisecond
    const auto answer = history.read(u"a"_s, clock.timestamp() - 1min, clock.timestamp() + 1s, 1s);
    QCOMPARE(answer->points.at(0).rollup.count, 2u);
}

void tst_Ring::latestIsTheNewestMeasurement()
{
    ManualClock clock;
    History history(4, clock);
    QVERIFY(history.add({ .series = u"a"_s, .value = 2, .at = clock.timestamp() }));
    clock.advance(5s);
    QVERIFY(history.add({ .series = u"a"_s, .value = 1, .at = clock.timestamp() - 1min })); // late
    const auto latest = history.find(u"a"_s)->latest;
    QCOMPARE(latest->value, 2.0);
    QVERIFY(latest->arrivedAt == clock.now());
}

void tst_Ring::clockThatGoesBackLosesNothingNew()
{
    ManualClock clock;
    History history(4, clock);
    QVERIFY(history.add({ .series = u"a"_s, .value = 1 }));
    clock.advance(-3h);
    QVERIFY(history.add({ .series = u"a"_s, .value = 2 }));
    QCOMPARE(history.find(u"a"_s)->latest->value, 2.0);
    const Timestamp now = clock.timestamp();
    QCOMPARE(history.read(u"a"_s, now - 1min, now + 1s, 1s)->points.size(), 1);
}

void tst_Ring::seriesAreBounded()
{
    ManualClock clock;
    History history(2, clock);
    QVERIFY(history.add({ .series = u"a"_s, .value = 1, .unit = u"V"_s }));
    QVERIFY(history.add({ .series = u"b"_s, .value = 1 }));
    const auto third = history.add({ .series = u"c"_s, .value = 1 });
    QVERIFY(!third);
    QVERIFY(third.error().code() == Error::Code::Conflict);
    QVERIFY(third.error().message().contains(u"2 series"_s));
    QVERIFY(history.add({ .series = u"a"_s, .value = 1 })); // those that are there go on
    QVERIFY(!history.add({ .series = u"a"_s, .value = 1, .unit = u"mV"_s }));
    QVERIFY(!history.add({ .series = u"a"_s, .value = 1, .source = protocol::SensorSource::Iio }));
    QCOMPARE(history.add({ .series = u"b"_s, .value = 1, .unit = u"A"_s })->series.unit, u"A"_s); // is learnt
}

void tst_Ring::refusesTimesThatAreNotKept()
{
    ManualClock clock;
    History history(2, clock);
    for (const auto shift : { std::chrono::milliseconds(2min), -std::chrono::milliseconds(24h * 31) }) {
        const auto refused = history.add({ .series = u"a"_s, .value = 1, .at = clock.timestamp() + shift });
        QVERIFY(!refused);
        QVERIFY(refused.error().message().contains(u"\"timestamp\""_s));
    }
    QCOMPARE(history.size(), 0); // no series was made of it
    QVERIFY(history.add({ .series = u"a"_s, .value = 1, .at = clock.timestamp() - 24h * 29 }));
    QVERIFY(history.read(u"a"_s, at(0), clock.timestamp(), 1s).has_value() == false); // "step"
    QCOMPARE(history.read(u"a"_s, at(0), clock.timestamp(), 1h)->points.size(), 1);
}

void tst_Ring::forgetsSeriesThatAreEmpty()
{
    ManualClock clock;
    History history(2, clock);
    QVERIFY(history.add({ .series = u"a"_s, .value = 1 }));
    clock.advance(24h * 20);
    QVERIFY(history.add({ .series = u"b"_s, .value = 1 }));
    QVERIFY(history.dropEmpty().isEmpty());
    clock.advance(24h * 11);
    QCOMPARE(history.dropEmpty(), QStringList{ u"a"_s });
    QVERIFY(history.read(u"a"_s, clock.timestamp() - 1h, clock.timestamp(), 1s).error().code()
            == Error::Code::NotFound);
}

QTEST_APPLESS_MAIN(tst_Ring)
#include "tst_ring.moc"
