// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/sleep.h"
#include "shared/async/ttlcache.h"

#include <QEventLoop>
#include <QTest>
#include <QThread>

#include <atomic>
#include <map>
#include <random>

using namespace godwit;
using namespace godwit::async;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Code = Error::Code;
using Cache = TtlCache<QString, int>;
using Source = Cache::Source;

namespace {

/// A database that answers when it is told to.
class Database
{
public:
    struct Query
    {
        OneShot<Loaded<int>>::Finisher finisher;
        std::stop_token stop;
        Deadline deadline;
        bool hasEnded = false;
    };

    static QCoro::Task<Loaded<int>> ask(Database &database, Context context)
    {
        auto [finisher, result] = oneShot<Loaded<int>>();
        database.queries.push_back(
            { .finisher = std::move(finisher), .stop = context.stop, .deadline = context.deadline });
        const std::stop_callback onStop(context.stop, [&database, index = database.queries.size() - 1] {
            if (database.heedsStop)
                database.fail(index, Error::cancelled());
        });
        Loaded<int> found = co_await std::move(result);
        co_return found;
    }
    auto load()
    {
        return [this](const Context &context) { return ask(*this, context); };
    }

    void answer(size_t index, Loaded<int> item)
    {
        if (!std::exchange(queries[index].hasEnded, true))
            queries[index].finisher.set(std::move(item));
    }
    void fail(size_t index, const Error &error)
    {
        if (!std::exchange(queries[index].hasEnded, true))
            queries[index].finisher.fail(error);
    }

    std::vector<Query> queries;
    bool heedsStop = true;
};

/// One who asks the cache.
struct Guest
{
    std::optional<Cache::Answer> answer;
    std::optional<Error> error;
    std::stop_source stop;

    bool isWaiting() const { return !answer && !error; }
    bool isStopped() const { return error && error->code() == Code::Cancelled; }
    /// -1: nothing there.
    int value() const { return answer && answer->value ? *answer->value : -1; }
};

QCoro::Task<> keep(Guest &guest, Cache::Lookup lookup)
{
    try {
        guest.answer = co_await std::move(lookup);
    } catch (const Error &error) {
        guest.error = error;
    }
}

void ask(Cache &cache, Database &database, Guest &guest, const QString &key = u"a"_s)
{
    keep(guest, cache.get({ .stop = guest.stop.get_token() }, key, database.load()));
}

/// What has been posted to this thread so far, and what that posts.
void runLoop()
{
    for (int i = 0; i < 5; ++i)
        QCoreApplication::sendPostedEvents();
}

} // namespace

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
    void nothingThereIsKeptForItsOwnTime();
    void staleIsServedWhileOneRefreshRuns();
    void failedRefreshLeavesWhatIsThere();
    void refreshIsNotForItsWaiters();
    void whatIsNewerStays_data();
    void whatIsNewerStays();
    void nobodyJoinsWhatIsOlder();
    void fillGivesWay();
    void cleanUpDropsWhatHasExpired();
    void putsCleanUp();
    void endsItsWaiters();
    void loadsOutliveIt();
    void leastRecentlyUsedAsAModel();
    void timesAsAModel();
    void tokensFireAtEveryPoint();
    void threads();
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

void tst_TtlCache::oneLoadForAll()
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

void tst_TtlCache::loadHasAContextOfItsOwn()
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

void tst_TtlCache::whoLeavesTakesNothingFromOthers()
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

void tst_TtlCache::loadStopsWhenAllHaveLeft()
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

void tst_TtlCache::nobodyJoinsWhatStops()
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

void tst_TtlCache::stoppedLoadsNothing()
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

void tst_TtlCache::errorsGoToAll()
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

void tst_TtlCache::errorsAreKeptIfAsked()
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

void tst_TtlCache::loadThatThrowsAtOnce()
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

static QCoro::Task<Loaded<int>> at(int value)
{
    co_return value;
}

void tst_TtlCache::loadThatAnswersAtOnce()
{
    ManualClock clock;
    Cache cache({}, clock);
    Guest guest;
    keep(guest, cache.get({}, u"a"_s, [](const Context &) { return at(5); }));
    QCOMPARE(guest.value(), 5); // without the event loop
    QVERIFY(cache.find(u"a"_s));
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

void tst_TtlCache::whatIsNewerStays_data()
{
    QTest::addColumn<QString>("change");
    QTest::addColumn<int>("expected"); // -1: nothing kept
    QTest::newRow("put") << u"put"_s << 2;
    QTest::newRow("put of nothing") << u"put nothing"_s << -2;
    QTest::newRow("removed") << u"remove"_s << -1;
    QTest::newRow("cleared") << u"clear"_s << -1;
    QTest::newRow("another put") << u"other"_s << 1;
}

void tst_TtlCache::whatIsNewerStays()
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

void tst_TtlCache::nobodyJoinsWhatIsOlder()
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

void tst_TtlCache::endsItsWaiters()
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

void tst_TtlCache::loadsOutliveIt()
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

/// Nothing expires: the entries are those of a plain list of what was used last.
void tst_TtlCache::leastRecentlyUsedAsAModel()
{
    for (unsigned seed = 1; seed <= 200; ++seed) {
        std::mt19937 random(seed);
        ManualClock clock;
        const int capacity = 1 + int(random() % 8);
        Cache cache({ .entries = capacity }, clock);
        std::vector<std::pair<QString, int>> model; // the last used first
        for (int step = 0; step < 300; ++step) {
            const QString key = QString::number(random() % 12);
            const auto known = std::ranges::find(model, key, &std::pair<QString, int>::first);
            const QByteArray where = "seed " + QByteArray::number(seed) + ", step " + QByteArray::number(step);
            switch (random() % 8) {
            case 0:
                cache.remove(key);
                if (known != model.end())
                    model.erase(known);
                break;
            case 1:
            case 2: {
                cache.put(key, step);
                if (known != model.end())
                    model.erase(known);
                model.insert(model.begin(), { key, step });
                break;
            }
            case 3:
                if (random() % 20 == 0) {
                    cache.clear();
                    model.clear();
                    break;
                }
                [[fallthrough]];
            default: {
                Guest guest;
                keep(guest, cache.get({}, key, [step](const Context &) { return at(step); }));
                if (known != model.end()) {
                    QVERIFY2(guest.value() == known->second, where.constData());
                    QVERIFY2(guest.answer->source == Source::Hit, where.constData());
                    std::rotate(model.begin(), known, known + 1);
                } else {
                    QVERIFY2(guest.value() == step, where.constData());
                    QVERIFY2(guest.answer->source == Source::Miss, where.constData());
                    model.insert(model.begin(), { key, step });
                }
            }
            }
            if (int(model.size()) > capacity)
                model.pop_back();
            QVERIFY2(cache.figures().entries == qsizetype(model.size()), where.constData());
        }
    }
}

/// All operations, times and loads that take a while, with room enough: what is found is what a model says, to the
/// millisecond.
void tst_TtlCache::timesAsAModel()
{
    struct Kept
    {
        std::optional<int> value;
        TimePoint freshUntil, until;
    };
    struct Loading
    {
        QString key;
        size_t query;
        bool isCurrent;
    };
    for (unsigned seed = 1; seed <= 300; ++seed) {
        std::mt19937 random(seed);
        ManualClock clock;
        Cache cache({ .timeToLive = 10ms, .staleFor = 5ms, .negativeTimeToLive = 4ms }, clock);
        Database database;
        std::map<QString, Kept> model;
        std::vector<Loading> loading;
        const auto keepIt = [&](const QString &key, std::optional<int> value) {
            const TimePoint fresh = clock.now() + (value ? 10ms : 4ms);
            model.insert_or_assign(key, Kept{ value, fresh, value ? fresh + 5ms : fresh });
        };
        const auto overtake = [&](const QString &key) {
            for (Loading &one : loading)
                one.isCurrent = one.isCurrent && one.key != key;
        };
        for (int step = 0; step < 300; ++step) {
            const QString key = QString::number(random() % 3);
            const QByteArray where = "seed " + QByteArray::number(seed) + ", step " + QByteArray::number(step);
            const std::optional<int> item = random() % 4 ? std::optional(step) : std::nullopt;
            switch (random() % 12) {
            case 0:
            case 1:
                cache.put(key, item);
                overtake(key);
                keepIt(key, item);
                break;
            case 2:
                cache.remove(key);
                overtake(key);
                model.erase(key);
                break;
            case 3:
                if (random() % 5 == 0) {
                    cache.clear();
                    model.clear();
                    for (Loading &one : loading)
                        one.isCurrent = false;
                }
                break;
            case 4:
            case 5:
                clock.advance(std::chrono::milliseconds(random() % 8));
                break;
            case 6:
                cache.cleanUp(qsizetype(random() % 20));
                break;
            case 7:
            case 8: {
                if (loading.empty())
                    break;
                const size_t index = random() % loading.size();
                const Loading one = loading[index];
                loading.erase(loading.begin() + qptrdiff(index));
                if (random() % 4) {
                    database.answer(one.query, item);
                    if (one.isCurrent)
                        keepIt(one.key, item);
                } else {
                    database.fail(one.query, Error(Code::Unavailable, u"busy"_s));
                }
                runLoop();
                break;
            }
            default: {
                Guest guest;
                const size_t before = database.queries.size();
                ask(cache, database, guest, key);
                const auto known = model.find(key);
                const bool isKept = known != model.end() && clock.now() < known->second.until;
                const bool isFresh = isKept && clock.now() < known->second.freshUntil;
                const bool isLoading
                    = std::ranges::any_of(loading, [&](const Loading &one) { return one.key == key && one.isCurrent; });
                QVERIFY2(guest.isWaiting() == !isKept, where.constData());
                QVERIFY2(!isKept || guest.answer->value == known->second.value, where.constData());
                QVERIFY2(!isKept || (guest.answer->source == Source::Hit) == isFresh, where.constData());
                const bool begins = !isFresh && !isLoading;
                QVERIFY2(database.queries.size() == before + (begins ? 1 : 0), where.constData());
                if (begins)
                    loading.push_back({ key, before, true });
                if (guest.isWaiting()) {
                    if (isKept || !begins) { // one that waits for another's load goes again
                        guest.stop.request_stop();
                        runLoop();
                        QVERIFY2(guest.isStopped(), where.constData());
                        // If it was the last of a load that is not a refresh, that load is told to stop.
                        std::erase_if(loading, [&](const Loading &one) {
                            return database.queries[one.query].stop.stop_requested();
                        });
                    } else { // left as well: the load ends with it
                        guest.stop.request_stop();
                        runLoop();
                        loading.pop_back();
                    }
                }
            }
            }
            QVERIFY2(cache.figures().loading == qsizetype(loading.size()), where.constData());
        }
        for (const Loading &one : loading)
            database.fail(one.query, Error::cancelled());
        runLoop();
    }
}

/// Every order in which guests come and are stopped and their loads end: each ends once, none hangs, no load goes on
/// for nobody.
void tst_TtlCache::tokensFireAtEveryPoint()
{
    for (unsigned seed = 1; seed <= 2'000; ++seed) {
        const QByteArray where = "seed " + QByteArray::number(seed);
        std::mt19937 random(seed);
        ManualClock clock;
        Cache cache({}, clock);
        Database database;
        database.heedsStop = random() % 2;
        std::vector<Guest> guests(6);
        std::vector<size_t> steps;
        for (size_t i = 0; i < guests.size(); ++i)
            steps.insert(steps.end(), { i, i + 100, i + 200 }); // comes, is stopped, a load ends
        std::ranges::shuffle(steps, random);
        for (const size_t step : steps) {
            const size_t index = step % 100;
            if (step < 100) {
                ask(cache, database, guests[index]);
            } else if (step < 200) {
                guests[index].stop.request_stop();
            } else if (index < database.queries.size()) {
                if (random() % 2)
                    database.answer(index, int(index));
                else
                    database.fail(index, Error(Code::Unavailable, u"busy"_s));
            } else if (random() % 4 == 0) {
                cache.remove(u"a"_s);
            }
            if (random() % 2)
                runLoop();
        }
        runLoop();
        for (size_t i = 0; i < guests.size(); ++i)
            QVERIFY2(!guests[i].isWaiting(), where.constData()); // all were stopped at some time
        for (size_t i = 0; i < database.queries.size(); ++i) {
            const Database::Query &query = database.queries[i];
            QVERIFY2(query.hasEnded || query.stop.stop_requested(), where.constData());
            QVERIFY2(query.hasEnded || !database.heedsStop, where.constData());
            database.fail(i, Error::cancelled());
        }
        runLoop();
        QVERIFY2(cache.figures().loading == 0, where.constData());
    }
}

namespace {

/// What the threads share: a version a key, which only grows.
struct Table
{
    static constexpr int keys = 20;
    struct Row
    {
        int key, version;
    };
    using Item = std::shared_ptr<const Row>; // shared by the cache and its users

    std::array<std::atomic<int>, keys> written{}, announced{};
    std::atomic<int> answers = 0, stops = 0, wrong = 0, loads = 0;
    TtlCache<int, Item> cache{ { .timeToLive = 5ms, .staleFor = 5ms, .entries = 15 } };

    static QCoro::Task<Loaded<Item>> load(Table &table, int key, Context context, bool waits)
    {
        ++table.loads;
        const int version = table.written[size_t(key)];
        if (waits) {
            OneShot<void> pause = sleepFor(context, 1ms);
            co_await std::move(pause);
        }
        co_return std::make_shared<const Row>(Row{ key, version });
    }

    /// Whoever asks after this sees it.
    void write(int key)
    {
        const int version = ++written[size_t(key)];
        cache.remove(key);
        int before = announced[size_t(key)];
        while (before < version && !announced[size_t(key)].compare_exchange_weak(before, version)) { }
    }

    static QCoro::Task<> read(Table &table, int key, Context context, bool waits, bool &ended)
    {
        const int oldest = table.announced[size_t(key)];
        auto lookup = table.cache.get(
            context, key, [&table, key, waits](const Context &own) { return load(table, key, own, waits); });
        try {
            const auto answer = co_await std::move(lookup);
            const Item item = answer.value.value_or(nullptr);
            ++(item && item->key == key && item->version >= oldest ? table.answers : table.wrong);
        } catch (const Error &error) {
            ++(error.code() == Code::Cancelled ? table.stops : table.wrong);
        }
        ended = true;
    }

    void work(unsigned seed)
    {
        QEventLoop loop;
        std::mt19937 random(seed);
        for (int round = 0; round < 3'000; ++round) {
            const int key = int(random() % keys);
            const auto what = random() % 40;
            if (what < 3) {
                write(key);
            } else if (what == 3) {
                cache.cleanUp(4);
            } else if (what == 4) {
                cache.clear();
            } else {
                std::stop_source stop;
                bool ended = false;
                read(*this, key, { .stop = stop.get_token() }, random() % 4 == 0, ended);
                if (random() % 4 == 0)
                    stop.request_stop();
                while (!ended)
                    loop.processEvents(QEventLoop::WaitForMoreEvents);
            }
            loop.processEvents();
        }
        while (cache.figures().loading > 0) // none of this thread's may be left behind
            loop.processEvents();
    }
};

} // namespace

/// Eight threads with event loops: no answer is for another key or older than what had been written before it was
/// asked for, and all end.
void tst_TtlCache::threads()
{
    Table table;
    std::vector<std::unique_ptr<QThread>> threads;
    for (unsigned t = 1; t <= 8; ++t) {
        threads.emplace_back(QThread::create([&table, t] { table.work(t); }));
        threads.back()->start();
    }
    for (const auto &thread : threads)
        thread->wait();
    QCOMPARE(table.wrong.load(), 0);
    const auto figures = table.cache.figures();
    QVERIFY(table.answers > 12'000);
    QVERIFY(table.stops > 0 && figures.hits > 0);
    QCOMPARE(figures.loads, qint64(table.loads));
    QVERIFY(figures.entries <= 15);
}

QTEST_GUILESS_MAIN(tst_TtlCache)
#include "tst_ttlcache.moc"
