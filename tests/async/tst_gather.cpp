// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/gather.h"
#include "shared/async/oneshot.h"
#include "tests/support/rounds.h"

#include <QScopeGuard>
#include <QTest>

#include <map>
#include <random>

using namespace godwit;
using namespace godwit::async;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Code = Error::Code;

namespace {

/// Work that ends when the test says so, or by its token.
class Bench
{
public:
    QCoro::Task<int> work(Context context, int number)
    {
        ++begun;
        most = std::max(most, ++running);
        const auto end = qScopeGuard([this] { --running; });
        auto [finisher, result] = oneShot<int>();
        m_finishers.emplace(number, std::move(finisher));
        const std::stop_callback stopped(context.stop, Stop{ *this, number, context });
        co_return co_await std::move(result);
    }
    /// False if it is not under way.
    bool finish(int number, std::optional<Error> error = {})
    {
        const auto found = m_finishers.find(number);
        if (found == m_finishers.end())
            return false;
        OneShot<int>::Finisher finisher = std::move(found->second);
        m_finishers.erase(found);
        if (error)
            finisher.fail(*error);
        else
            finisher.set(number * 10);
        for (int i = 0; i < 4; ++i)
            QCoreApplication::sendPostedEvents(); // the coroutine, and those that it wakes
        return true;
    }
    QList<int> underWay() const
    {
        QList<int> numbers;
        for (const auto &[number, finisher] : m_finishers)
            numbers.append(number);
        return numbers;
    }

    int begun = 0, running = 0, most = 0;

private:
    struct Stop
    {
        Bench &bench;
        int number;
        const Context &context; // the coroutine's
        void operator()() const { bench.finish(number, context.stopError()); }
    };
    std::map<int, OneShot<int>::Finisher> m_finishers;
};

Error error(Code code)
{
    return { code, u"no"_s };
}

using Three = std::tuple<int, int, int>;

QCoro::Task<> gatherThree(Bench &bench, Context context, std::optional<Three> &value, std::optional<Error> &failure)
{
    const auto work
        = [&bench](int number) { return [&bench, number](const Context &c) { return bench.work(c, number); }; };
    auto first = work(1), second = work(2), third = work(3);
    try {
        value = co_await tryGather(context, first, second, third);
    } catch (const Error &thrown) {
        failure = thrown;
    }
}

QCoro::Task<> gatherAll(Bench &bench, Context context, std::optional<std::tuple<Result<int>, Result<int>>> &value)
{
    const auto first = [&bench](const Context &c) { return bench.work(c, 1); };
    const auto second = [&bench](const Context &c) { return bench.work(c, 2); };
    value = co_await gather(context, first, second);
}

QCoro::Task<> forEach(Bench &bench, Context context, int count, ForEachOptions<int> options,
                      std::optional<std::vector<Result<int>>> &value)
{
    std::vector<int> numbers;
    for (int i = 0; i < count; ++i)
        numbers.push_back(i);
    const auto work = [&bench](const Context &c, int &number) { return bench.work(c, number); };
    value = co_await forEachConcurrent(context, numbers, work, options);
}

} // namespace

class tst_Gather : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void allAtOnceInOrder();
    void firstFailureStopsTheOthers();
    void waitsForWhatItHasStopped();
    void parentTokenStopsAll();
    void thrownBeforeItBegan();
    void gatherKeepsEveryResult();
    void boundedAndInOrder();
    void tellsOfEachAsItEnds();
    void oneFailureIsOnesOwn();
    void tokenKeepsTheRestFromBeginning();
    void nothingToDo();
    void tokensFireAtEveryPoint();
};

void tst_Gather::allAtOnceInOrder()
{
    Bench bench;
    std::optional<Three> value;
    std::optional<Error> failure;
    const auto task = gatherThree(bench, {}, value, failure);
    QCOMPARE(bench.running, 3);
    for (const int number : { 3, 1, 2 })
        QVERIFY(bench.finish(number));
    QVERIFY(task.isReady());
    QVERIFY(value == Three(10, 20, 30));
}

void tst_Gather::firstFailureStopsTheOthers()
{
    Bench bench;
    std::optional<Three> value;
    std::optional<Error> failure;
    const auto task = gatherThree(bench, {}, value, failure);
    QVERIFY(bench.finish(1));
    QVERIFY(bench.finish(3, error(Code::NotFound)));
    QVERIFY(task.isReady());
    QVERIFY(failure && failure->code() == Code::NotFound); // and not the Cancelled that it brought about
    QCOMPARE(bench.running, 0);
}

void tst_Gather::waitsForWhatItHasStopped()
{
    Bench deaf; // its token is not looked at
    std::optional<Error> failure;
    const auto run = [](Bench &bench, std::optional<Error> &thrown) -> QCoro::Task<> {
        const auto failing = [&bench](const Context &c) { return bench.work(c, 1); };
        const auto slow = [&bench](const Context &) { return bench.work({}, 2); };
        try {
            co_await tryGather({}, failing, slow);
        } catch (const Error &error) {
            thrown = error;
        }
    };
    const auto task = run(deaf, failure);
    QVERIFY(deaf.finish(1, error(Code::Conflict)));
    QVERIFY(!task.isReady()); // it may still use what the caller lent it
    QVERIFY(deaf.finish(2));
    QVERIFY(task.isReady() && failure && failure->code() == Code::Conflict);
}

void tst_Gather::parentTokenStopsAll()
{
    Bench bench;
    std::stop_source stop;
    std::optional<Three> value;
    std::optional<Error> failure;
    const auto task = gatherThree(bench, { .stop = stop.get_token() }, value, failure);
    stop.request_stop();
    QTRY_VERIFY(task.isReady());
    QVERIFY(failure && failure->code() == Code::Cancelled);
    QCOMPARE(bench.running, 0);
}

void tst_Gather::thrownBeforeItBegan()
{
    Bench bench;
    std::optional<Error> failure;
    const auto run = [](Bench &at, std::optional<Error> &thrown) -> QCoro::Task<> {
        const auto good = [&at](const Context &c) { return at.work(c, 1); };
        const auto bad = [](const Context &) -> QCoro::Task<int> { throw Error(Code::InvalidArgument, u"no"_s); };
        const auto never = [&at](const Context &c) { return at.work(c, 3); };
        const auto broken = [](const Context &c) -> QCoro::Task<> {
            Q_UNUSED(c);
            co_return;
        };
        try {
            co_await tryGather({}, good, bad, never, broken);
        } catch (const Error &error) {
            thrown = error;
        }
    };
    const auto task = run(bench, failure);
    QTRY_VERIFY(task.isReady());
    QVERIFY(failure && failure->code() == Code::InvalidArgument);
    QCOMPARE(bench.running, 0);
}

void tst_Gather::gatherKeepsEveryResult()
{
    Bench bench;
    std::optional<std::tuple<Result<int>, Result<int>>> value;
    const auto task = gatherAll(bench, {}, value);
    QVERIFY(bench.finish(1, error(Code::NotFound)));
    QCOMPARE(bench.running, 1); // nobody was told to stop
    QVERIFY(bench.finish(2));
    QVERIFY(task.isReady() && value);
    QCOMPARE(std::get<0>(*value).error().code(), Code::NotFound);
    QCOMPARE(std::get<1>(*value).value(), 20);
}

void tst_Gather::boundedAndInOrder()
{
    Bench bench;
    std::optional<std::vector<Result<int>>> value;
    const auto task = forEach(bench, {}, 10, { .concurrency = 3 }, value);
    QCOMPARE(bench.underWay(), (QList{ 0, 1, 2 }));
    QVERIFY(bench.finish(1));
    QCOMPARE(bench.underWay(), (QList{ 0, 2, 3 }));
    while (!bench.underWay().isEmpty())
        QVERIFY(bench.finish(bench.underWay().last()));
    QVERIFY(task.isReady() && value);
    QCOMPARE(bench.most, 3);
    QCOMPARE(value->size(), 10u);
    for (int i = 0; i < 10; ++i)
        QCOMPARE((*value)[size_t(i)].value(), i * 10);
}

void tst_Gather::tellsOfEachAsItEnds()
{
    Bench bench;
    std::optional<std::vector<Result<int>>> value;
    QList<size_t> order;
    const auto onEach = [&order](size_t index, const Result<int> &result) {
        QCOMPARE(result.value(), int(index) * 10);
        order.append(index);
    };
    const auto task = forEach(bench, {}, 4, { .concurrency = 2, .onEach = onEach }, value);
    for (const int number : { 1, 2, 0, 3 })
        QVERIFY(bench.finish(number));
    QVERIFY(task.isReady());
    QCOMPARE(order, (QList<size_t>{ 1, 2, 0, 3 }));
}

void tst_Gather::oneFailureIsOnesOwn()
{
    Bench bench;
    std::optional<std::vector<Result<int>>> value;
    const auto task = forEach(bench, {}, 3, { .concurrency = 1 }, value);
    QVERIFY(bench.finish(0));
    QVERIFY(bench.finish(1, error(Code::NotFound)));
    QVERIFY(bench.finish(2));
    QVERIFY(task.isReady() && value);
    QVERIFY((*value)[0] && !(*value)[1] && (*value)[2]);
    QCOMPARE((*value)[1].error().code(), Code::NotFound);
}

void tst_Gather::tokenKeepsTheRestFromBeginning()
{
    Bench bench;
    std::stop_source stop;
    std::optional<std::vector<Result<int>>> value;
    const auto task = forEach(bench, { .stop = stop.get_token() }, 100, { .concurrency = 4 }, value);
    stop.request_stop();
    QTRY_VERIFY(task.isReady());
    QCOMPARE(bench.begun, 4);
    QCOMPARE(value->size(), 100u);
    for (const Result<int> &result : *value)
        QVERIFY(!result && result.error().code() == Code::Cancelled);
}

void tst_Gather::nothingToDo()
{
    Bench bench;
    std::optional<std::vector<Result<int>>> value;
    const auto task = forEach(bench, {}, 0, {}, value);
    QVERIFY(task.isReady() && value && value->empty());
}

/// Whatever ends when, and whenever the token fires: all that was begun ends, and a result is there for each.
void tst_Gather::tokensFireAtEveryPoint()
{
    for (int point = 0; point <= 12; ++point) {
        for (unsigned seed = 1; seed <= rounds(20); ++seed) {
            std::mt19937 random(seed);
            Bench bench;
            std::stop_source stop;
            std::optional<std::vector<Result<int>>> value;
            std::optional<Three> three;
            std::optional<Error> failure;
            const auto many = forEach(bench, { .stop = stop.get_token() }, 9, { .concurrency = 3 }, value);
            Bench other;
            const auto few = gatherThree(other, { .stop = stop.get_token() }, three, failure);
            for (int step = 0; step < 30; ++step) {
                if (step == point)
                    stop.request_stop();
                Bench &chosen = random() % 2 ? bench : other;
                const QList<int> numbers = chosen.underWay();
                if (numbers.isEmpty())
                    continue;
                const int number = numbers[qsizetype(random() % size_t(numbers.size()))];
                chosen.finish(number, random() % 4 ? std::optional<Error>() : error(Code::Unavailable));
            }
            QTRY_VERIFY(many.isReady() && few.isReady());
            QCOMPARE(bench.running + other.running, 0);
            QCOMPARE(value->size(), 9u);
            QVERIFY(three.has_value() != failure.has_value());
        }
    }
}

QTEST_GUILESS_MAIN(tst_Gather)
#include "tst_gather.moc"
