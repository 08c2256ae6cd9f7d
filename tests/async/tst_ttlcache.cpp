// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/async/cachetest.h"

#include <QTest>

using namespace godwit;
using namespace godwit::async;
using namespace godwit::async::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Code = Error::Code;
using Source = Cache::Source;

/// What is kept, for how long, and what is served stale.
class tst_TtlCache : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsForItsTime();
    void entriesHaveTimesOfTheirOwn();
    void leastRecentlyUsedGoesFirst();
    void boundedInBytes();
    void whatIsTooLargeIsNotKept();
    void findsWithoutItsOwnKind();
    void nothingThereIsKeptForItsOwnTime();
    void staleIsServedWhileOneRefreshRuns();
    void failedRefreshLeavesWhatIsThere();
    void refreshIsNotForItsWaiters();
    void fillGivesWay();
    void cleanUpDropsWhatHasExpired();
    void putsCleanUp();
};

void tst_TtlCache::keepsForItsTime()
{
    ManualClock clock;
    Cache cache({ .timeToLive = 10s }, clock);
    cache.put(u"a"_s, 1);
    clock.advance(10s - 1ms);
    QVERIFY(cache.find(u"a"_s));
    QCOMPARE(cache.find(u"a"_s)->value, std::optional(1));
    QCOMPARE(cache.find(u"a"_s)->source, Source::Hit);
    clock.advance(1ms);
    QVERIFY(!cache.find(u"a"_s));
    QVERIFY(!cache.find(u"b"_s));
    const auto figures = cache.figures();
    QCOMPARE(figures.hits, 3);
    QCOMPARE(figures.misses, 2);
    QCOMPARE(figures.expirations, 1);
    QCOMPARE(figures.entries, 0);
    QCOMPARE(figures.bytes, 0);
}

void tst_TtlCache::entriesHaveTimesOfTheirOwn()
{
    ManualClock clock;
    Cache cache({ .timeToLive = 10s }, clock);
    Loaded<int> brief(1), lasting(2), never(3);
    brief.timeToLive = 1s;
    lasting.timeToLive = std::chrono::milliseconds::max();
    never.timeToLive = 0s;
    cache.put(u"brief"_s, brief);
    cache.put(u"lasting"_s, lasting);
    cache.put(u"never"_s, 4);
    cache.put(u"never"_s, never); // and what was there is not true any more
    QVERIFY(!cache.find(u"never"_s));
    clock.advance(1s);
    QVERIFY(!cache.find(u"brief"_s));
    clock.advance(24h * 365);
    QVERIFY(cache.find(u"lasting"_s));
}

void tst_TtlCache::leastRecentlyUsedGoesFirst()
{
    ManualClock clock;
    Cache cache({ .entries = 3 }, clock);
    for (const int i : { 1, 2, 3 })
        cache.put(QString::number(i), i);
    QVERIFY(cache.find(u"1"_s)); // used: 2 is now the oldest
    cache.put(u"4"_s, 4);
    QVERIFY(!cache.find(u"2"_s));
    QVERIFY(cache.find(u"1"_s) && cache.find(u"3"_s) && cache.find(u"4"_s));
    cache.put(u"1"_s, 5); // in its own place
    QCOMPARE(cache.figures().entries, 3);
    QCOMPARE(cache.figures().evictions, 1);
    QCOMPARE(cache.find(u"1"_s)->value, std::optional(5));
}

void tst_TtlCache::boundedInBytes()
{
    ManualClock clock;
    Cache cache({ .bytes = 10'000, .cost = [](const QString &, int value) { return qsizetype(value); } }, clock);
    cache.put(u"a"_s, 3'000);
    const qsizetype own = cache.figures().bytes - 3'000; // an entry's own
    QVERIFY2(own > 0 && own < 500, qPrintable(QString::number(own)));
    cache.put(u"b"_s, 3'000);
    cache.put(u"c"_s, 5'000);
    QVERIFY(!cache.find(u"a"_s));
    QCOMPARE(cache.figures().bytes, 8'000 + 2 * own);
    cache.put(u"b"_s, 1); // another cost
    QCOMPARE(cache.figures().bytes, 5'001 + 2 * own);
    cache.remove(u"b"_s);
    cache.remove(u"c"_s);
    QCOMPARE(cache.figures().bytes, 0);
}

void tst_TtlCache::whatIsTooLargeIsNotKept()
{
    ManualClock clock;
    Cache cache({ .bytes = 10'000, .cost = [](const QString &, int value) { return qsizetype(value); } }, clock);
    cache.put(u"a"_s, 1'000);
    cache.put(u"b"_s, 10'000);
    QVERIFY(!cache.find(u"b"_s));
    QVERIFY(cache.find(u"a"_s)); // and nothing had to go for it
    cache.put(u"a"_s, 10'000);
    QVERIFY(!cache.find(u"a"_s)); // what was there is not true any more
    QCOMPARE(cache.figures().bytes, 0);
    Cache none({ .entries = 0 }, clock);
    none.put(u"a"_s, 1);
    QVERIFY(!none.find(u"a"_s));
}

void tst_TtlCache::findsWithoutItsOwnKind()
{
    ManualClock clock;
    Cache cache({}, clock);
    cache.put(u"a"_s, 1);
    QVERIFY(cache.find(QStringView(u"a")));
    cache.remove(QStringView(u"a"));
    QVERIFY(!cache.find(u"a"_s));
    Database database;
    Guest guest;
    keep(guest, cache.get({}, QStringView(u"b"), database.load()));
    database.answer(0, 2);
    runLoop();
    QVERIFY(cache.find(u"b"_s));
}

void tst_TtlCache::nothingThereIsKeptForItsOwnTime()
{
    ManualClock clock;
    Cache cache({ .timeToLive = 100s, .staleFor = 100s, .negativeTimeToLive = 5s }, clock);
    Database database;
    Guest first, second, third;
    ask(cache, database, first);
    database.answer(0, std::nullopt);
    runLoop();
    QVERIFY(first.answer && !first.answer->value);
    clock.advance(5s - 1ms);
    ask(cache, database, second);
    QVERIFY(second.answer && !second.answer->value);
    QCOMPARE(second.answer->source, Source::Hit);
    clock.advance(1ms);
    ask(cache, database, third); // and is not served stale
    QVERIFY(third.isWaiting());
    database.answer(1, 1);
    runLoop();
    QCOMPARE(third.value(), 1);
    cache.put(u"a"_s, std::nullopt);
    QVERIFY(cache.find(u"a"_s) && !cache.find(u"a"_s)->value);
    cache.put(u"a"_s, 4); // it was created
    QCOMPARE(cache.find(u"a"_s)->value, std::optional(4));
}

void tst_TtlCache::staleIsServedWhileOneRefreshRuns()
{
    ManualClock clock;
    Cache cache({ .timeToLive = 10s, .staleFor = 20s }, clock);
    Database database;
    cache.put(u"a"_s, 1);
    clock.advance(10s);
    QCOMPARE(cache.find(u"a"_s)->source, Source::Stale);
    QVERIFY(database.queries.empty());
    for (int i = 0; i < 3; ++i) {
        Guest guest;
        ask(cache, database, guest);
        QCOMPARE(guest.value(), 1); // at once
        QCOMPARE(guest.answer->source, Source::Stale);
    }
    QCOMPARE(database.queries.size(), size_t(1));
    database.answer(0, 2);
    runLoop();
    Guest fresh;
    ask(cache, database, fresh);
    QCOMPARE(fresh.value(), 2);
    QCOMPARE(fresh.answer->source, Source::Hit);
    clock.advance(30s);
    Guest late;
    ask(cache, database, late);
    QVERIFY(late.isWaiting());
    QCOMPARE(cache.figures().stale, 4);
    database.answer(1, 3);
    runLoop();
}

void tst_TtlCache::failedRefreshLeavesWhatIsThere()
{
    ManualClock clock;
    Cache cache({ .timeToLive = 10s, .staleFor = 20s, .errorTimeToLive = 5s }, clock);
    Database database;
    cache.put(u"a"_s, 1);
    clock.advance(15s);
    Guest first, second;
    ask(cache, database, first);
    database.fail(0, Error(Code::Unavailable, u"busy"_s));
    runLoop();
    ask(cache, database, second);
    QCOMPARE(second.value(), 1);
    QCOMPARE(database.queries.size(), size_t(2)); // and the next tries again
    database.answer(1, 2);
    runLoop();
    QCOMPARE(cache.find(u"a"_s)->value, std::optional(2));
}

void tst_TtlCache::refreshIsNotForItsWaiters()
{
    ManualClock clock;
    Cache cache({ .timeToLive = 10s, .staleFor = 20s }, clock);
    Database database;
    cache.put(u"a"_s, 1);
    clock.advance(15s);
    Guest served, waiting;
    ask(cache, database, served);
    served.stop.request_stop();
    clock.advance(15s);
    ask(cache, database, waiting); // joins the refresh
    QVERIFY(waiting.isWaiting());
    QCOMPARE(database.queries.size(), size_t(1));
    waiting.stop.request_stop();
    QVERIFY(!database.queries[0].stop.stop_requested());
    database.answer(0, 2);
    runLoop();
    QVERIFY(waiting.isStopped());
    QCOMPARE(cache.find(u"a"_s)->value, std::optional(2));
}

void tst_TtlCache::fillGivesWay()
{
    ManualClock clock;
    Cache cache({}, clock);
    const quint64 before = cache.generation(u"a"_s);
    QVERIFY(cache.fill(u"a"_s, 1, before));
    QVERIFY(cache.fill(u"a"_s, 2, before)); // fills do not make each other void
    QCOMPARE(cache.find(u"a"_s)->value, std::optional(2));
    cache.clear();
    QVERIFY(!cache.find(u"a"_s));
    QVERIFY(!cache.fill(u"a"_s, 3, before));
    QVERIFY(!cache.find(u"a"_s));
    const quint64 after = cache.generation(u"a"_s);
    cache.put(u"a"_s, 4);
    QVERIFY(!cache.fill(u"a"_s, 3, after));
    QCOMPARE(cache.find(u"a"_s)->value, std::optional(4));
}

void tst_TtlCache::cleanUpDropsWhatHasExpired()
{
    ManualClock clock;
    Cache cache({ .timeToLive = 10s }, clock);
    for (int i = 0; i < 1'000; ++i) {
        Loaded<int> item(i);
        if (i % 2)
            item.timeToLive = 100s;
        cache.put(QString::number(i), item);
    }
    clock.advance(10s);
    QCOMPARE(cache.figures().entries, 1'000);
    qsizetype dropped = 0;
    int calls = 0;
    for (; cache.figures().entries > 500 && calls < 1'000; ++calls) {
        const qsizetype now = cache.cleanUp(64);
        QVERIFY2(now <= 256, qPrintable(QString::number(now))); // its work is bounded
        dropped += now;
    }
    QVERIFY(calls > 5);
    QCOMPARE(dropped, 500);
    QCOMPARE(cache.figures().expirations, 500);
    QCOMPARE(cache.cleanUp(10'000), 0);
    QCOMPARE(cache.find(u"1"_s)->value, std::optional(1));
}

void tst_TtlCache::putsCleanUp()
{
    ManualClock clock;
    Cache cache({ .timeToLive = 10s, .entries = 100'000 }, clock);
    for (int i = 0; i < 1'000; ++i)
        cache.put(QString::number(i), i);
    clock.advance(10s);
    for (int i = 0; i < 1'000; ++i)
        cache.put(u"new "_s + QString::number(i), i);
    const auto figures = cache.figures();
    QVERIFY2(figures.entries < 1'100, qPrintable(QString::number(figures.entries)));
    QCOMPARE(figures.evictions, 0);
}

QTEST_GUILESS_MAIN(tst_TtlCache)
#include "tst_ttlcache.moc"
