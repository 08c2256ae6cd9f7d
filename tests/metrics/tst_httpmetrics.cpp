// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/httpmetrics.h"

#include <QTest>

#include <cmath>
#include <thread>

using namespace std::chrono_literals;
using namespace godwit::metrics;

class tst_HttpMetrics : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void bucketsHaveNoGapsAndAreNarrow();
    void countsByRouteAndClass();
    void countsWhatNoRouteMatchedLast();
    void percentilesAreWithinTheirBucket();
    void percentileOfNothingIsNotANumber();
    void differencesAreWhatWasAdded();
    void threadsLoseNothing();
    void twoInstancesInOneThreadStayApart();
};

void tst_HttpMetrics::bucketsHaveNoGapsAndAreNarrow()
{
    for (size_t bucket = 0; bucket + 1 < latencybuckets::count; ++bucket) {
        const quint64 from = latencybuckets::lowerBound(bucket);
        const quint64 to = latencybuckets::lowerBound(bucket + 1);
        QCOMPARE(latencybuckets::bucketOf(from), bucket);
        QCOMPARE(latencybuckets::bucketOf(to - 1), bucket);
        QVERIFY(to - from <= std::max<quint64>(1, from / 8));
    }
}

void tst_HttpMetrics::countsByRouteAndClass()
{
    HttpMetrics metrics;
    metrics.setRoutes({ { "GET", "/a" }, { "POST", "/b/{id}" } });
    metrics.record(0, 200, 1ms);
    metrics.record(0, 204, 3ms);
    metrics.record(0, 404, 2ms);
    metrics.record(1, 503, 2ms);
    metrics.record(1, 101, 2ms);

    const auto counts = metrics.snapshot();
    QCOMPARE(counts.size(), 3U);
    QCOMPARE(counts[0].requests(), 3U);
    QCOMPARE(counts[0].byClass[2], 2U);
    QCOMPARE(counts[0].byClass[4], 1U);
    QCOMPARE(counts[0].errors(), 0U);
    QCOMPARE(counts[0].average(), 2ms);
    QCOMPARE(counts[1].byClass[1], 1U);
    QCOMPARE(counts[1].errors(), 1U);
    QCOMPARE(HttpMetrics::total(counts).requests(), 5U);
}

void tst_HttpMetrics::countsWhatNoRouteMatchedLast()
{
    HttpMetrics metrics;
    metrics.setRoutes({ { "GET", "/a" } });
    metrics.record(-1, 404, 1ms);
    metrics.record(77, 999, -5ms);
    QCOMPARE(metrics.snapshot()[0].requests(), 0U);
    QCOMPARE(metrics.snapshot()[1].requests(), 2U);
    QCOMPARE(metrics.snapshot()[1].byClass[0], 1U);
}

void tst_HttpMetrics::percentilesAreWithinTheirBucket()
{
    HttpMetrics metrics;
    for (int i = 1; i <= 1000; ++i)
        metrics.record(-1, 200, std::chrono::microseconds(i * 100));
    const HttpCounts counts = metrics.snapshot().back();
    for (const double share : { 0.01, 0.5, 0.95, 0.99, 1.0 }) {
        const double exact = share * 100;
        QVERIFY2(std::abs(counts.percentile(share).count() - exact) <= exact / 8,
                 qPrintable(QString::number(counts.percentile(share).count())));
    }
}

void tst_HttpMetrics::percentileOfNothingIsNotANumber()
{
    QVERIFY(std::isnan(HttpCounts().percentile(0.5).count()));
    QCOMPARE(HttpCounts().average().count(), 0.0);
}

void tst_HttpMetrics::differencesAreWhatWasAdded()
{
    HttpMetrics metrics;
    metrics.record(-1, 200, 1s);
    const HttpCounts earlier = metrics.snapshot().back();
    metrics.record(-1, 500, 1ms);
    const HttpCounts added = metrics.snapshot().back().since(earlier);
    QCOMPARE(added.requests(), 1U);
    QCOMPARE(added.errors(), 1U);
    QCOMPARE(added.average(), 1ms);
    QVERIFY(added.percentile(0.99) < 2ms);
}

void tst_HttpMetrics::threadsLoseNothing()
{
    HttpMetrics metrics;
    metrics.setRoutes({ { "GET", "/a" } });
    constexpr quint64 each = 50'000;
    std::atomic<bool> reading = true;
    std::thread reader([&] {
        while (reading)
            metrics.snapshot();
    });
    {
        std::vector<std::jthread> writers;
        for (int i = 0; i < 4; ++i) {
            writers.emplace_back([&] {
                for (quint64 n = 0; n < each; ++n)
                    metrics.record(0, 200, 5us);
            });
        }
    }
    reading = false;
    reader.join();
    QCOMPARE(metrics.snapshot()[0].requests(), 4 * each);
    QCOMPARE(metrics.snapshot()[0].nanoseconds, 4 * each * 5000);
}

void tst_HttpMetrics::twoInstancesInOneThreadStayApart()
{
    HttpMetrics one;
    auto two = std::make_unique<HttpMetrics>();
    for (int i = 0; i < 3; ++i) {
        one.record(-1, 200, 1us);
        two->record(-1, 200, 1us);
    }
    two.reset();
    HttpMetrics three; // perhaps at the address of the second
    three.record(-1, 200, 1us);
    one.record(-1, 200, 1us);
    QCOMPARE(one.snapshot().back().requests(), 4U);
    QCOMPARE(three.snapshot().back().requests(), 1U);
}

QTEST_APPLESS_MAIN(tst_HttpMetrics)
#include "tst_httpmetrics.moc"
