// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/bulkhead.h"
#include "shared/async/faults.h"
#include "shared/async/gather.h"
#include "shared/async/retry.h"
#include "shared/async/sleep.h"
#include "shared/async/timeout.h"

#include <QCoroTask>
#include <QScopeGuard>
#include <QTest>

#include <thread>

using namespace godwit;
using namespace godwit::async;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Code = Error::Code;

namespace {

/// Fires a token at the n-th suspension of all that it is shown, while that wait is pending.
class StopPoints
{
public:
    StopPoints(int at, bool fromAnotherThread) : m_at(at), m_fromAnotherThread(fromAnotherThread) { }

    Context context() { return { .stop = m_stop.get_token() }; }
    bool hasFired() const { return m_stop.stop_requested(); }

    /// A short wait that is one of the points.
    OneShot<void> pause(const Context &context)
    {
        OneShot<void> wait = sleepFor(context, 0ms);
        if (m_passed++ == m_at)
            fire();
        return wait;
    }

private:
    void fire()
    {
        if (m_fromAnotherThread)
            std::thread([this] { m_stop.request_stop(); }).join();
        else
            m_stop.request_stop();
    }

    const int m_at;
    const bool m_fromAnotherThread;
    int m_passed = 0;
    std::stop_source m_stop;
};

/// What the parts are given to do, and what became of it.
struct Work
{
    StopPoints &points;
    int begun = 0, running = 0, begunAfterStop = 0;

    QCoro::Task<int> unit(Context context, int failures = 0)
    {
        ++begun;
        begunAfterStop += context.stop.stop_requested();
        ++running;
        const auto end = qScopeGuard([this] { --running; });
        for (int i = 0; i < 2; ++i) {
            OneShot<void> wait = points.pause(context);
            co_await std::move(wait);
        }
        if (begun <= failures)
            throw Error(Code::Unavailable, u"not yet"_s);
        co_return 42;
    }
    /// As the parts want it: a function of a context.
    auto asFunction(int failures = 0)
    {
        return [this, failures](const Context &context) { return unit(context, failures); };
    }
};

using Part = QCoro::Task<> (*)(Work &, Context);

QCoro::Task<> sleeps(Work &work, Context context)
{
    for (int i = 0; i < 3; ++i) {
        OneShot<void> wait = work.points.pause(context);
        co_await std::move(wait);
    }
}

QCoro::Task<> retries(Work &work, Context context)
{
    RetryPolicy policy;
    policy.sleep = [&work](const Context &c, std::chrono::milliseconds) { return work.points.pause(c); };
    co_await retry(context, policy, work.asFunction(2));
}

QCoro::Task<> timesOut(Work &work, Context context)
{
    co_await withTimeout(context, 1h, u"work"_s, work.asFunction());
}

QCoro::Task<> triesAll(Work &work, Context context)
{
    auto one = work.asFunction();
    co_await tryGather(context, one, one, one);
}

void throwIfFailed(const Result<int> &result)
{
    if (!result)
        throw result.error();
}

QCoro::Task<> gathersAll(Work &work, Context context)
{
    auto one = work.asFunction();
    const auto [a, b, c] = co_await gather(context, one, one, one);
    for (const auto *const result : { &a, &b, &c })
        throwIfFailed(*result);
}

QCoro::Task<> goesThroughItems(Work &work, Context context)
{
    const std::vector<int> items(5);
    const auto one = [&work](const Context &c, int) { return work.unit(c); };
    const auto results = co_await forEachConcurrent(context, items, one, ForEachOptions<int>{ .concurrency = 2 });
    for (const Result<int> &result : results)
        throwIfFailed(result);
}

/// Static, so that whoever comes next finds the place free.
Bulkhead &narrow()
{
    static Bulkhead bulkhead({ .name = u"narrow"_s, .concurrency = 1 });
    return bulkhead;
}

QCoro::Task<int> oneAtATime(Work &work, Context context)
{
    OneShot<Bulkhead::Permit> place = narrow().acquire(context);
    const auto permit = co_await std::move(place);
    co_return co_await work.unit(context);
}

QCoro::Task<> waitsForAPlace(Work &work, Context context)
{
    const auto one = [&work](const Context &c) { return oneAtATime(work, c); };
    co_await tryGather(context, one, one, one);
}

QCoro::Task<> suffers(Work &work, Context context)
{
    Faults faults(u"it"_s);
    faults.set({ .latency = 1ms });
    co_await work.unit(context);
    co_await faults.suffer(context);
    co_await work.unit(context);
}

QCoro::Task<int> retriedOnePlace(Work &work, Context context)
{
    RetryPolicy policy;
    policy.sleep = [&work](const Context &c, std::chrono::milliseconds) { return work.points.pause(c); };
    auto one = [&work](const Context &c) { return oneAtATime(work, c); };
    co_return co_await retry(context, policy, one);
}

QCoro::Task<int> several(Work &work, Context context)
{
    auto one = [&work](const Context &c) { return retriedOnePlace(work, c); };
    const auto [a, b] = co_await tryGather(context, one, one);
    co_return a + b;
}

QCoro::Task<> nested(Work &work, Context context)
{
    auto all = [&work](const Context &c) { return several(work, c); };
    co_await withTimeout(context, 1h, u"all"_s, all);
}

struct Outcome
{
    bool hasEnded = false;
    std::optional<Code> code{};
};

QCoro::Task<> run(Part part, Work &work, Context context, Outcome &outcome)
{
    try {
        co_await part(work, context);
    } catch (const Error &error) {
        outcome.code = error.code();
    }
    outcome.hasEnded = true;
}

} // namespace

/// Whenever the token fires: what was begun ends, nothing more is begun (but by the gathers, which begin all that they
/// were given), and the caller hears Cancelled.
class tst_StopPoints : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyPart_data();
    void everyPart();
};

void tst_StopPoints::everyPart_data()
{
    QTest::addColumn<Part>("part");
    QTest::addColumn<int>("points"); // at least that many, so that the test does test
    QTest::addColumn<bool>("fromAnotherThread");
    QTest::addColumn<bool>("beginsAll");
    const auto add = [](const char *name, Part part, int points, bool beginsAll = false) {
        QTest::newRow(name) << part << points << false << beginsAll;
        QTest::addRow("%s, from another thread", name) << part << points << true << beginsAll;
    };
    add("sleepFor", sleeps, 3);
    add("retry", retries, 8);
    add("withTimeout", timesOut, 2);
    add("gather", gathersAll, 6, true);
    add("tryGather", triesAll, 6, true);
    add("forEachConcurrent", goesThroughItems, 10);
    add("bulkhead", waitsForAPlace, 6);
    add("faults", suffers, 4);
    add("a timeout on two, each retried and one at a time", nested, 4);
}

void tst_StopPoints::everyPart()
{
    QFETCH(const Part, part);
    QFETCH(const int, points);
    QFETCH(const bool, fromAnotherThread);
    QFETCH(const bool, beginsAll);
    int fired = 0;
    for (int at = 0;; ++at) {
        const QByteArray where = "at point " + QByteArray::number(at);
        StopPoints stop(at, fromAnotherThread);
        Work work{ .points = stop };
        Outcome outcome;
        run(part, work, stop.context(), outcome);
        QVERIFY2(QTest::qWaitFor([&] { return outcome.hasEnded; }), where.constData());
        QVERIFY2(work.running == 0, where.constData());
        QCOMPARE(narrow().figures().running, 0);
        QCOMPARE(narrow().figures().waiting, 0);
        if (!stop.hasFired()) {
            QVERIFY2(!outcome.code, where.constData());
            break;
        }
        ++fired;
        QVERIFY2(work.begunAfterStop == 0 || beginsAll, where.constData());
        QVERIFY2(outcome.code == Code::Cancelled, where.constData());
    }
    QVERIFY2(fired >= points, qPrintable(QString::number(fired)));
}

QTEST_GUILESS_MAIN(tst_StopPoints)
#include "tst_stoppoints.moc"
