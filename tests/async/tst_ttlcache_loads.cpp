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

/// One load a key: who waits for it, who leaves, and what becomes of it.
class tst_TtlCacheLoads : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneLoadForAll();
    void loadHasAContextOfItsOwn();
    void whoLeavesTakesNothingFromOthers();
    void loadStopsWhenAllHaveLeft();
    void nobodyJoinsWhatStops();
    void stoppedLoadsNothing();
    void errorsGoToAll();
    void errorsAreKeptIfAsked();
    void loadThatThrowsAtOnce();
    void loadThatAnswersAtOnce();
    void whatIsNewerStays_data();
    void whatIsNewerStays();
    void nobodyJoinsWhatIsOlder();
    void endsItsWaiters();
    void loadsOutliveIt();
};

void tst_TtlCacheLoads::oneLoadForAll()
{
    ManualClock clock;
    Cache cache({}, clock);
    Database database;
    std::vector<Guest> guests(10);
    for (Guest &guest : guests)
        ask(cache, database, guest);
    QCOMPARE(database.queries.size(), size_t(1));
    QCOMPARE(cache.figures().loading, 1);
    database.answer(0, 7);
    runLoop();
    for (const Guest &guest : guests) {
        QCOMPARE(guest.value(), 7);
        QCOMPARE(guest.answer->source, Source::Miss);
    }
    Guest late;
    ask(cache, database, late);
    QCOMPARE(late.value(), 7); // without the event loop
    QCOMPARE(late.answer->source, Source::Hit);
    const auto figures = cache.figures();
    QCOMPARE(figures.loads, 1);
    QCOMPARE(figures.misses, 10);
    QCOMPARE(figures.hits, 1);
    QCOMPARE(figures.loading, 0);
}

void tst_TtlCacheLoads::loadHasAContextOfItsOwn()
{
    ManualClock clock;
    Cache cache({ .loadDeadline = 1h }, clock);
    Database database;
    Guest guest;
    const Deadline soon = Deadline::in(1min);
    keep(guest, cache.get({ .stop = guest.stop.get_token(), .deadline = soon }, u"a"_s, database.load()));
    QVERIFY(!(database.queries[0].stop == guest.stop.get_token()));
    QVERIFY(database.queries[0].stop.stop_possible());
    QVERIFY(database.queries[0].deadline.at() > soon.at());
    QVERIFY(!database.queries[0].deadline.isNever());
    database.answer(0, 1);
    runLoop();
    QCOMPARE(guest.value(), 1);
}

void tst_TtlCacheLoads::whoLeavesTakesNothingFromOthers()
{
    ManualClock clock;
    Cache cache({}, clock);
    Database database;
    Guest first, second, third;
    for (Guest *guest : { &first, &second, &third })
        ask(cache, database, *guest);
    first.stop.request_stop(); // in whose thread and name it was begun
    runLoop();
    QVERIFY(first.isStopped());
    second.stop.request_stop();
    runLoop();
    QVERIFY(second.isStopped() && third.isWaiting());
    QVERIFY(!database.queries[0].stop.stop_requested());
    database.answer(0, 3);
    runLoop();
    QCOMPARE(third.value(), 3);
    third.stop.request_stop(); // too late to matter
    QVERIFY(cache.find(u"a"_s));
}

void tst_TtlCacheLoads::loadStopsWhenAllHaveLeft()
{
    ManualClock clock;
    Cache cache({}, clock);
    Database database;
    Guest first, second;
    ask(cache, database, first);
    ask(cache, database, second);
    first.stop.request_stop();
    QVERIFY(!database.queries[0].stop.stop_requested());
    second.stop.request_stop();
    QVERIFY(database.queries[0].stop.stop_requested());
    runLoop();
    QVERIFY(first.isStopped() && second.isStopped());
    QCOMPARE(cache.figures().loading, 0);
    QVERIFY(!cache.find(u"a"_s));
}

void tst_TtlCacheLoads::nobodyJoinsWhatStops()
{
    ManualClock clock;
    Cache cache({}, clock);
    Database database;
    database.heedsStop = false; // it takes its time
    Guest first, second;
    ask(cache, database, first);
    first.stop.request_stop();
    ask(cache, database, second);
    QCOMPARE(database.queries.size(), size_t(2));
    database.answer(1, 2);
    runLoop();
    QCOMPARE(second.value(), 2);
    database.answer(0, 1);
    runLoop();
    QCOMPARE(cache.find(u"a"_s)->value, std::optional(2)); // and what it says is not kept
}

void tst_TtlCacheLoads::stoppedLoadsNothing()
{
    ManualClock clock;
    Cache cache({}, clock);
    Database database;
    Guest guest;
    guest.stop.request_stop();
    ask(cache, database, guest);
    QVERIFY(guest.isStopped());
    QVERIFY(database.queries.empty());
    QCOMPARE(cache.figures().loading, 0);
    Guest late;
    keep(late, cache.get({ .deadline = Deadline(TimePoint{}) }, u"a"_s, database.load()));
    QVERIFY(late.error);
    QCOMPARE(late.error->code(), Code::DeadlineExceeded);
}

void tst_TtlCacheLoads::errorsGoToAll()
{
    ManualClock clock;
    Cache cache({}, clock);
    Database database;
    Guest first, second, third;
    ask(cache, database, first);
    ask(cache, database, second);
    database.fail(0, Error(Code::Unavailable, u"busy"_s));
    runLoop();
    QVERIFY(first.error && second.error);
    QCOMPARE(second.error->code(), Code::Unavailable);
    ask(cache, database, third);
    QCOMPARE(database.queries.size(), size_t(2)); // not kept
    database.answer(1, 1);
    runLoop();
    QCOMPARE(third.value(), 1);
}

void tst_TtlCacheLoads::errorsAreKeptIfAsked()
{
    ManualClock clock;
    Cache cache({ .errorTimeToLive = 1s }, clock);
    Database database;
    Guest first, second, third;
    ask(cache, database, first);
    database.fail(0, Error(Code::Unavailable, u"busy"_s));
    runLoop();
    ask(cache, database, second);
    QVERIFY(second.error);
    QCOMPARE(second.error->message(), u"busy"_s);
    QVERIFY_THROWS_EXCEPTION(Error, cache.find(u"a"_s));
    clock.advance(1s);
    ask(cache, database, third);
    QCOMPARE(database.queries.size(), size_t(2));
    database.fail(1, Error::cancelled()); // says nothing about the key
    runLoop();
    QVERIFY(third.isStopped());
    QVERIFY(!cache.find(u"a"_s));
}

void tst_TtlCacheLoads::loadThatThrowsAtOnce()
{
    ManualClock clock;
    Cache cache({}, clock);
    Guest guest;
    keep(guest, cache.get({}, u"a"_s, [](const Context &) -> QCoro::Task<Loaded<int>> {
        throw Error(Code::InvalidArgument, u"no"_s);
    }));
    QVERIFY(guest.error);
    QCOMPARE(guest.error->message(), u"no"_s);
    QCOMPARE(cache.figures().loading, 0);
}

void tst_TtlCacheLoads::loadThatAnswersAtOnce()
{
    ManualClock clock;
    Cache cache({}, clock);
    Guest guest;
    keep(guest, cache.get({}, u"a"_s, [](const Context &) { return at(5); }));
    QCOMPARE(guest.value(), 5); // without the event loop
    QVERIFY(cache.find(u"a"_s));
}

void tst_TtlCacheLoads::whatIsNewerStays_data()
{
    QTest::addColumn<QString>("change");
    QTest::addColumn<int>("expected"); // -1: nothing kept
    QTest::newRow("put") << u"put"_s << 2;
    QTest::newRow("put of nothing") << u"put nothing"_s << -2;
    QTest::newRow("removed") << u"remove"_s << -1;
    QTest::newRow("cleared") << u"clear"_s << -1;
    QTest::newRow("another put") << u"other"_s << 1;
}

void tst_TtlCacheLoads::whatIsNewerStays()
{
    QFETCH(const QString, change);
    QFETCH(const int, expected);
    ManualClock clock;
    Cache cache({}, clock);
    Database database;
    Guest guest;
    ask(cache, database, guest);
    if (change == u"put")
        cache.put(u"a"_s, 2);
    else if (change == u"put nothing")
        cache.put(u"a"_s, std::nullopt);
    else if (change == u"remove")
        cache.remove(u"a"_s);
    else if (change == u"clear")
        cache.clear();
    else
        cache.put(u"b"_s, 2);
    database.answer(0, 1);
    runLoop();
    QCOMPARE(guest.value(), 1); // it asked before
    const auto kept = cache.find(u"a"_s);
    QCOMPARE(!kept ? -1 : kept->value.value_or(-2), expected);
    QCOMPARE(cache.figures().loading, 0);
}

void tst_TtlCacheLoads::nobodyJoinsWhatIsOlder()
{
    ManualClock clock;
    Cache cache({}, clock);
    Database database;
    Guest before, after;
    ask(cache, database, before);
    cache.remove(u"a"_s);
    ask(cache, database, after);
    QCOMPARE(database.queries.size(), size_t(2));
    before.stop.request_stop(); // of the older one, whose end is not the newer one's
    QVERIFY(database.queries[0].stop.stop_requested());
    QVERIFY(!database.queries[1].stop.stop_requested());
    Guest joined;
    ask(cache, database, joined);
    QCOMPARE(database.queries.size(), size_t(2));
    database.answer(1, 2);
    runLoop();
    QCOMPARE(after.value(), 2);
    QCOMPARE(joined.value(), 2);
}

void tst_TtlCacheLoads::endsItsWaiters()
{
    ManualClock clock;
    Database database;
    database.heedsStop = false;
    Guest waiting, overtaken;
    {
        Cache cache({}, clock);
        ask(cache, database, overtaken);
        cache.remove(u"a"_s);
        ask(cache, database, waiting);
    }
    QVERIFY(database.queries[0].stop.stop_requested() && database.queries[1].stop.stop_requested());
    runLoop();
    QVERIFY(waiting.isStopped() && overtaken.isStopped());
    waiting.stop.request_stop(); // from a cache that is gone
    database.answer(0, 1); // to a cache that is gone
    database.fail(1, Error::cancelled());
    runLoop();
}

void tst_TtlCacheLoads::loadsOutliveIt()
{
    ManualClock clock;
    Database database;
    Guest served;
    {
        Cache cache({ .timeToLive = 1s, .staleFor = 1s }, clock);
        cache.put(u"a"_s, 1);
        clock.advance(1s);
        ask(cache, database, served);
        QCOMPARE(database.queries.size(), size_t(1)); // a refresh
    }
    QVERIFY(database.queries[0].stop.stop_requested());
    runLoop();
    QCOMPARE(served.value(), 1);
}

QTEST_GUILESS_MAIN(tst_TtlCacheLoads)
#include "tst_ttlcache_loads.moc"
