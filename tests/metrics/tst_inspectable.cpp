// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/inspectable.h"
#include "server/metrics/inspecttoolkit.h"

#include <QTest>

#include <atomic>
#include <latch>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::metrics;
using protocol::RuntimePart;

class tst_Inspectable : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void partsSayWhatTheyAreWhenTheyAreAsked();
    void aPartIsListedAsLongAsItsRegistration();
    void aMovedRegistrationLivesOn();
    void namesOfAKindDiffer();
    void groupsAreBoundedAndSaySo();
    void onePartThatFailsHidesNoOther();
    void actionsReachTheirPart();
    void whatIsNotThereIsNotFound_data();
    void whatIsNotThereIsNotFound();
    void anEndWaitsForTheAnswer();
    void comingAndGoingWhileAsked();
    void breakersAreTrippedAndReset();
    void theToolkitShowsItsLimits();
    void cachesAreFlushed();
    void snapshotsSurviveTheWire();

private:
    static Inspectable counting(const QString &name, int &count)
    {
        return { .kind = u"cache"_s,
                 .name = name,
                 .inspect = [&count](RuntimePart &part) { part.figures = { { u"entries"_s, count } }; },
                 .actions = { { u"flush"_s, [&count] { count = 0; } } } };
    }
    static QStringList names(const Inspector &inspector, const QString &kind = {})
    {
        QStringList names;
        for (const RuntimePart &part : inspector.snapshot({ .kind = kind }).items)
            names.append(part.kind + u'/' + part.name);
        return names;
    }
    template<class Work>
    static std::optional<Error::Code> failureOf(Work work)
    {
        try {
            work();
        } catch (const Error &error) {
            return error.code();
        }
        return {};
    }
};

void tst_Inspectable::partsSayWhatTheyAreWhenTheyAreAsked()
{
    Inspector inspector;
    int count = 1;
    const auto registration = inspector.add(counting(u"users"_s, count));
    count = 7;
    const ManualClock clock;
    const auto snapshot = inspector.snapshot({}, clock);
    QCOMPARE(snapshot.timestamp, clock.timestamp());
    QCOMPARE(snapshot.items.size(), 1);
    QCOMPARE(snapshot.items[0].figures, (QJsonObject{ { u"entries"_s, 7 } }));
    QCOMPARE(snapshot.items[0].actions, QStringList{ u"flush"_s });
}

void tst_Inspectable::aPartIsListedAsLongAsItsRegistration()
{
    Inspector inspector;
    int count = 0;
    auto outlives = std::make_unique<Inspector>();
    const auto late = outlives->add(counting(u"late"_s, count));
    outlives.reset(); // a registration may end after the inspector
    {
        Registrations kept(inspector);
        kept.add(counting(u"a"_s, count));
        kept.add(counting(u"b"_s, count));
        QCOMPARE(names(inspector), (QStringList{ u"cache/a"_s, u"cache/b"_s }));
    }
    QCOMPARE(names(inspector), QStringList());
}

void tst_Inspectable::aMovedRegistrationLivesOn()
{
    Inspector inspector;
    int count = 0;
    Inspector::Registration to;
    {
        auto from = inspector.add(counting(u"a"_s, count));
        to = std::move(from);
    }
    QCOMPARE(names(inspector), QStringList{ u"cache/a"_s });
    to = {};
    QCOMPARE(names(inspector), QStringList());
}

void tst_Inspectable::namesOfAKindDiffer()
{
    Inspector inspector;
    int first = 1, second = 2, third = 3;
    const auto a = inspector.add(counting(u"a"_s, first));
    const auto b = inspector.add(counting(u"a"_s, second));
    const auto c = inspector.add(Inspectable{ .kind = u"pool"_s, .name = u"a"_s, .inspect = [](RuntimePart &) { } });
    const auto d = inspector.add(counting(u"a"_s, third));
    QCOMPARE(names(inspector), (QStringList{ u"cache/a"_s, u"cache/a-2"_s, u"pool/a"_s, u"cache/a-3"_s }));
    QCOMPARE(names(inspector, u"pool"_s), QStringList{ u"pool/a"_s });
    inspector.act(u"cache"_s, u"a-2"_s, u"flush"_s);
    QCOMPARE(first, 1);
    QCOMPARE(second, 0);
}

void tst_Inspectable::groupsAreBoundedAndSaySo()
{
    Inspector inspector;
    const auto registration = inspector.add(
        InspectableGroup{ .kind = u"room"_s, .list = [](qsizetype most) {
                             InspectableGroup::Listed listed;
                             for (int i = 0; i < std::min<qsizetype>(most, 5); ++i)
                                 listed.parts.append({ .kind = {}, .name = QString::number(i), .state = u"open"_s });
                             listed.omitted = 5 - listed.parts.size();
                             return listed;
                         } });
    const auto all = inspector.snapshot();
    QCOMPARE(all.items.size(), 5);
    QCOMPARE(all.items[4].kind, u"room"_s);
    QCOMPARE(all.omitted, QJsonObject());
    const auto some = inspector.snapshot({ .most = 2 });
    QCOMPARE(some.items.size(), 2);
    QCOMPARE(some.omitted, (QJsonObject{ { u"room"_s, 3 } }));
}

void tst_Inspectable::onePartThatFailsHidesNoOther()
{
    Inspector inspector;
    int count = 0;
    const auto bad = inspector.add(Inspectable{
        .kind = u"pool"_s, .name = u"bad"_s, .inspect = [](RuntimePart &) { throw Error::internal(u"gone"_s); } });
    const auto good = inspector.add(counting(u"good"_s, count));
    QCOMPARE(names(inspector), (QStringList{ u"pool/bad"_s, u"cache/good"_s }));
    QCOMPARE(inspector.snapshot().items[0].state, u"unknown"_s);
}

void tst_Inspectable::actionsReachTheirPart()
{
    Inspector inspector;
    int first = 1, second = 2;
    QString kicked;
    const auto a = inspector.add(counting(u"a"_s, first));
    const auto b = inspector.add(counting(u"b"_s, second));
    const auto group = inspector.add(InspectableGroup{
        .kind = u"connection"_s,
        .list = [](qsizetype) { return InspectableGroup::Listed(); },
        .act = [&kicked](const QString &name, const QString &action) { kicked = name + u' ' + action; } });
    inspector.act(u"cache"_s, u"b"_s, u"flush"_s);
    QCOMPARE(first, 1);
    QCOMPARE(second, 0);
    inspector.act(u"connection"_s, u"42"_s, u"kick"_s);
    QCOMPARE(kicked, u"42 kick"_s);
}

void tst_Inspectable::whatIsNotThereIsNotFound_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("action");
    QTest::newRow("kind") << u"oven"_s << u"a"_s << u"flush"_s;
    QTest::newRow("empty kind") << QString() << u"b"_s << u"flush"_s;
    QTest::newRow("name") << u"cache"_s << u"b"_s << u"flush"_s;
    QTest::newRow("action") << u"cache"_s << u"a"_s << u"trip"_s;
    QTest::newRow("of a group without actions") << u"room"_s << u"a"_s << u"flush"_s;
}

void tst_Inspectable::whatIsNotThereIsNotFound()
{
    QFETCH(QString, kind);
    QFETCH(QString, name);
    QFETCH(QString, action);
    Inspector inspector;
    int count = 3;
    const auto a = inspector.add(counting(u"a"_s, count));
    const auto rooms = inspector.add(
        InspectableGroup{ .kind = u"room"_s, .list = [](qsizetype) { return InspectableGroup::Listed(); } });
    QCOMPARE(failureOf([&] { inspector.act(kind, name, action); }), Error::Code::NotFound);
    QCOMPARE(count, 3);
}

void tst_Inspectable::anEndWaitsForTheAnswer()
{
    Inspector inspector;
    std::latch asked(1), answer(1);
    std::atomic<bool> isOver = false, wasOver = false;
    auto registration = std::make_unique<Inspector::Registration>(
        inspector.add(Inspectable{ .kind = u"pool"_s, .name = u"a"_s, .inspect = [&](RuntimePart &) {
                                      asked.count_down();
                                      answer.wait();
                                      wasOver = isOver.load();
                                  } }));
    std::jthread asking([&] { inspector.snapshot(); });
    asked.wait();
    std::jthread ending([&] {
        registration.reset();
        isOver = true;
    });
    QCOMPARE(names(inspector, u"none"_s), QStringList()); // others are not held up
    answer.count_down();
    ending.join();
    QVERIFY(!wasOver);
    QCOMPARE(names(inspector), QStringList());
}

void tst_Inspectable::comingAndGoingWhileAsked()
{
    Inspector inspector;
    std::atomic<bool> isDone = false;
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 300; ++i) {
                auto value = std::make_unique<int>(i); // a use after its end is a use of freed memory
                const auto registration = inspector.add(counting(u"a"_s, *value));
            }
        });
    }
    std::jthread asking([&] {
        while (!isDone) {
            for (const RuntimePart &part : inspector.snapshot().items)
                failureOf([&] { inspector.act(part.kind, part.name, u"flush"_s); });
        }
    });
    for (auto &thread : threads)
        thread.join();
    isDone = true;
    asking.join();
    QCOMPARE(names(inspector), QStringList());
}

void tst_Inspectable::breakersAreTrippedAndReset()
{
    ManualClock clock;
    async::CircuitBreaker breaker({ .name = u"weather"_s });
    Inspector inspector;
    const auto registration = inspector.add(inspectable(breaker, clock));
    const auto state = [&] { return inspector.snapshot().items[0].state; };
    QCOMPARE(state(), u"closed"_s);
    inspector.act(u"breaker"_s, u"weather"_s, u"trip"_s);
    QCOMPARE(state(), u"open"_s);
    QVERIFY(!breaker.acquire(clock.now()));
    QCOMPARE(inspector.snapshot().items[0].figures[u"refused"_s].toInteger(), 1);
    inspector.act(u"breaker"_s, u"weather"_s, u"reset"_s);
    QCOMPARE(state(), u"closed"_s);
    QVERIFY(breaker.acquire(clock.now()));
}

void tst_Inspectable::theToolkitShowsItsLimits()
{
    async::RateLimiter limiter({ .name = u"search"_s, .perSecond = 2, .burst = 4 });
    async::Bulkhead bulkhead({ .name = u"passwords"_s, .concurrency = 3, .queue = 5 });
    async::RetryBudget budget(0.1, 10);
    bool isFlushed = false;
    Inspector inspector;
    Registrations kept(inspector);
    kept.add(inspectable(limiter));
    kept.add(inspectable(bulkhead));
    kept.add(inspectable(budget, u"weather"_s));
    kept.add(inspectableCache(
        u"users"_s, [](RuntimePart &part) { part.figures[u"entries"_s] = 9; }, [&] { isFlushed = true; }));
    limiter.take("a", TimePoint(1h));
    const auto permit = bulkhead.acquire({});
    const auto items = inspector.snapshot().items;
    QCOMPARE(
        names(inspector),
        (QStringList{ u"limiter/search"_s, u"bulkhead/passwords"_s, u"retry_budget/weather"_s, u"cache/users"_s }));
    QCOMPARE(items[0].figures[u"allowed"_s].toInteger(), 1);
    QCOMPARE(items[0].limits[u"per_second"_s].toDouble(), 2.0);
    QCOMPARE(items[1].state, u"busy"_s);
    QCOMPARE(items[1].limits[u"queue"_s].toInt(), 5);
    QCOMPARE(items[2].figures[u"available"_s].toDouble(), 10.0);
    QCOMPARE(items[3].figures[u"entries"_s].toInt(), 9);
    inspector.act(u"cache"_s, u"users"_s, u"flush"_s);
    QVERIFY(isFlushed);
}

void tst_Inspectable::cachesAreFlushed()
{
    ManualClock clock;
    async::TtlCache<int, int> cache({ .name = u"numbers"_s, .entries = 10 }, clock);
    Inspector inspector;
    const auto registered = inspector.add(inspectable(cache));
    cache.put(1, 1);
    QVERIFY(cache.find(1) && !cache.find(2));
    const RuntimePart part = inspector.snapshot().items.value(0);
    QCOMPARE(part.name, u"numbers"_s);
    const auto figure = [&part](const QString &name) { return part.figures.value(name).toInt(); };
    QCOMPARE(figure(u"entries"_s), 1);
    QCOMPARE(figure(u"hits"_s), 1);
    QCOMPARE(figure(u"misses"_s), 1);
    QCOMPARE(part.limits.value(u"entries"_s).toInt(), 10);
    inspector.act(u"cache"_s, u"numbers"_s, u"flush"_s);
    QVERIFY(!cache.find(1));
}

void tst_Inspectable::snapshotsSurviveTheWire()
{
    const protocol::RuntimeSnapshot snapshot{
        .timestamp = Timestamp(123456ms),
        .items = { { .kind = u"pool"_s,
                     .name = u"a"_s,
                     .state = u"busy"_s,
                     .queueBytes = 12,
                     .figures = { { u"busy"_s, 1 } },
                     .limits = { { u"most"_s, 2 } },
                     .actions = { u"drain"_s } } },
        .omitted = { { u"connection"_s, 9 } },
    };
    const auto again = protocol::RuntimeSnapshot::fromJson(snapshot.toJson());
    QVERIFY(again);
    QVERIFY(*again == snapshot);
    QVERIFY(!protocol::RuntimeSnapshot::fromJson({ { u"items"_s, QJsonArray{ QJsonObject() } } }));
}

QTEST_GUILESS_MAIN(tst_Inspectable)
#include "tst_inspectable.moc"
