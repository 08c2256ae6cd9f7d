// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/sleep.h"
#include "tests/async/cachetest.h"
#include "tests/support/rounds.h"

#include <QEventLoop>
#include <QTest>
#include <QThread>

#include <array>
#include <atomic>
#include <map>
#include <random>

using namespace godwit;
using namespace godwit::async;
using namespace godwit::async::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Code = Error::Code;
using Source = Cache::Source;

/// Random operations against simple models, and threads.
class tst_TtlCacheModels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void leastRecentlyUsedAsAModel();
    void timesAsAModel();
    void tokensFireAtEveryPoint();
    void threads();
};

/// Nothing expires: the entries are those of a plain list of what was used last.
void tst_TtlCacheModels::leastRecentlyUsedAsAModel()
{
    for (unsigned seed = 1; seed <= rounds(200); ++seed) {
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
void tst_TtlCacheModels::timesAsAModel()
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
    for (unsigned seed = 1; seed <= rounds(300); ++seed) {
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
void tst_TtlCacheModels::tokensFireAtEveryPoint()
{
    for (unsigned seed = 1; seed <= rounds(2'000); ++seed) {
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
void tst_TtlCacheModels::threads()
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

QTEST_GUILESS_MAIN(tst_TtlCacheModels)
#include "tst_ttlcache_models.moc"
