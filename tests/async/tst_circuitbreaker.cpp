// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/circuitbreaker.h"
#include "tests/support/rounds.h"

#include <QTest>

#include <optional>
#include <random>
#include <thread>
#include <vector>

using namespace godwit;
using namespace godwit::async;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using State = CircuitBreaker::State;
using Outcome = CircuitBreaker::Outcome;

class tst_CircuitBreaker : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void opensAfterFailuresInARow();
    void aSuccessBeginsAnew();
    void opensBeyondARate();
    void refusalSaysWhen();
    void triesAfterAWhile_data();
    void triesAfterAWhile();
    void limitsTrials();
    void aTrialThatWasDroppedIsGivenBack();
    void lateReportsDoNotCount();
    void byHand();
    void tellsOfChanges();
    void behavesAsTheModel();
    void threads();

private:
    Result<CircuitBreaker::Permit> acquire(CircuitBreaker &breaker) { return breaker.acquire(m_now); }
    bool call(CircuitBreaker &breaker, Outcome outcome)
    {
        auto permit = acquire(breaker);
        if (permit)
            permit->report(outcome, m_now);
        return permit.has_value();
    }
    void fail(CircuitBreaker &breaker, int times)
    {
        for (int i = 0; i < times; ++i)
            call(breaker, Outcome::Failure);
    }
    State state(const CircuitBreaker &breaker) const { return breaker.figures(m_now).state; }

    TimePoint m_now{ 1h };
};

void tst_CircuitBreaker::opensAfterFailuresInARow()
{
    CircuitBreaker breaker({ .name = u"db"_s });
    fail(breaker, 4);
    QCOMPARE(state(breaker), State::Closed);
    QCOMPARE(breaker.figures(m_now).failuresInARow, 4);
    fail(breaker, 1);
    QCOMPARE(state(breaker), State::Open);
    QVERIFY(!call(breaker, Outcome::Success));
    QCOMPARE(breaker.figures(m_now).refused, 1);
    QCOMPARE(breaker.figures(m_now).failures, 5);
}

void tst_CircuitBreaker::aSuccessBeginsAnew()
{
    CircuitBreaker breaker({});
    for (int i = 0; i < 10; ++i) {
        fail(breaker, 4);
        call(breaker, Outcome::Success);
    }
    QCOMPARE(state(breaker), State::Closed);
}

void tst_CircuitBreaker::opensBeyondARate()
{
    CircuitBreaker breaker({ .failures = 1'000, .failureRate = 0.5, .rateCalls = 10, .rateWindow = 10s });
    for (int i = 0; i < 4; ++i) {
        call(breaker, Outcome::Failure);
        call(breaker, Outcome::Success);
    }
    QCOMPARE(state(breaker), State::Closed); // too few calls to say
    m_now += 11s; // those do not count any more
    for (int i = 0; i < 5; ++i)
        call(breaker, Outcome::Success);
    fail(breaker, 4);
    QCOMPARE(state(breaker), State::Closed);
    fail(breaker, 1);
    QCOMPARE(state(breaker), State::Open);
}

void tst_CircuitBreaker::refusalSaysWhen()
{
    CircuitBreaker breaker({ .name = u"weather"_s });
    fail(breaker, 5);
    m_now += 10s;
    const auto refused = acquire(breaker);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code(), Error::Code::Unavailable);
    QVERIFY(refused.error().decider());
    QCOMPARE(refused.error().decider()->kind, Decider::Kind::CircuitBreaker);
    QCOMPARE(refused.error().decider()->name, u"weather"_s);
    QCOMPARE(refused.error().decider()->retryAfter, 20s);
}

void tst_CircuitBreaker::triesAfterAWhile_data()
{
    QTest::addColumn<Outcome>("trial");
    QTest::addColumn<State>("then");
    QTest::newRow("success closes") << Outcome::Success << State::Closed;
    QTest::newRow("failure opens") << Outcome::Failure << State::Open;
}

void tst_CircuitBreaker::triesAfterAWhile()
{
    QFETCH(const Outcome, trial);
    QFETCH(const State, then);
    CircuitBreaker breaker({});
    fail(breaker, 5);
    m_now += 30s - 1ns;
    QVERIFY(!call(breaker, trial));
    m_now += 1ns;
    QVERIFY(call(breaker, trial));
    QCOMPARE(state(breaker), then);
    QCOMPARE(call(breaker, Outcome::Success), then == State::Closed);
    if (then == State::Open)
        QCOMPARE(breaker.figures(m_now).retryAfter, 30s); // from the trial on
}

void tst_CircuitBreaker::limitsTrials()
{
    CircuitBreaker breaker({ .trials = 2, .successes = 3 });
    fail(breaker, 5);
    m_now += 30s;
    auto first = acquire(breaker), second = acquire(breaker);
    QVERIFY(first && second);
    QVERIFY(!acquire(breaker));
    first->report(Outcome::Success, m_now);
    QVERIFY(call(breaker, Outcome::Success));
    QCOMPARE(state(breaker), State::HalfOpen);
    second->report(Outcome::Success, m_now);
    QCOMPARE(state(breaker), State::Closed);
}

void tst_CircuitBreaker::aTrialThatWasDroppedIsGivenBack()
{
    CircuitBreaker breaker({});
    fail(breaker, 5);
    m_now += 30s;
    for (int i = 0; i < 10; ++i) {
        const auto cancelled = acquire(breaker);
        QVERIFY(cancelled);
        QVERIFY(!acquire(breaker));
    }
    QVERIFY(call(breaker, Outcome::Success));
    QCOMPARE(state(breaker), State::Closed);
}

void tst_CircuitBreaker::lateReportsDoNotCount()
{
    CircuitBreaker breaker({});
    auto slow = orThrow(acquire(breaker)), alsoSlow = orThrow(acquire(breaker));
    fail(breaker, 5);
    slow.report(Outcome::Success, m_now);
    QCOMPARE(state(breaker), State::Open);
    m_now += 30s;
    QVERIFY(call(breaker, Outcome::Success));
    fail(breaker, 4);
    alsoSlow.report(Outcome::Failure, m_now); // of before it was open
    QCOMPARE(state(breaker), State::Closed);
    QCOMPARE(breaker.figures(m_now).failuresInARow, 4);
}

void tst_CircuitBreaker::byHand()
{
    CircuitBreaker breaker({});
    auto before = orThrow(acquire(breaker));
    breaker.trip();
    before.report(Outcome::Success, m_now);
    m_now += 24h;
    QVERIFY(!call(breaker, Outcome::Success)); // whatever the time
    QVERIFY(acquire(breaker).error().message().contains(u"an operator has opened its breaker"_s));
    breaker.reset();
    QVERIFY(call(breaker, Outcome::Success));
    fail(breaker, 5);
    QVERIFY(acquire(breaker).error().message().contains(u"has failed too often"_s));
    breaker.reset();
    QVERIFY(call(breaker, Outcome::Success));
    QCOMPARE(breaker.figures(m_now).opened, 2);
}

void tst_CircuitBreaker::tellsOfChanges()
{
    CircuitBreaker breaker({});
    QList<State> told;
    breaker.onChange([&](State state) {
        QVERIFY(breaker.figures(m_now).state == state); // no lock is held
        told.append(state);
    });
    fail(breaker, 5);
    m_now += 30s;
    fail(breaker, 1);
    m_now += 30s;
    call(breaker, Outcome::Success);
    breaker.reset(); // is closed already
    breaker.trip();
    QCOMPARE(told, (QList{ State::Open, State::HalfOpen, State::Open, State::HalfOpen, State::Closed, State::Open }));
}

namespace {

/// What a breaker with one trial is to do, in as few words as possible.
struct Model
{
    int failures = 0;
    State state = State::Closed;
    TimePoint openUntil{};
    bool isTried = false;
    int generation = 0;

    std::optional<int> acquire(TimePoint now)
    {
        if (state == State::Open && now >= openUntil)
            enter(State::HalfOpen);
        if (state == State::Open || (state == State::HalfOpen && isTried))
            return {};
        isTried = state == State::HalfOpen;
        return generation;
    }
    void report(int permit, std::optional<Outcome> outcome, TimePoint now)
    {
        if (permit != generation)
            return;
        if (!outcome) {
            isTried = false;
        } else if (*outcome == Outcome::Success) {
            failures = 0;
            if (state == State::HalfOpen)
                enter(State::Closed);
        } else if (++failures >= 3 || state == State::HalfOpen) {
            openUntil = now + 10s;
            enter(State::Open);
        }
    }
    void enter(State next)
    {
        state = next;
        failures = 0;
        isTried = false;
        ++generation;
    }
};

} // namespace

void tst_CircuitBreaker::behavesAsTheModel()
{
    for (unsigned seed = 1; seed <= rounds(50); ++seed) {
        std::mt19937 random(seed);
        CircuitBreaker breaker({ .failures = 3, .openFor = 10s });
        Model model;
        std::vector<std::pair<CircuitBreaker::Permit, int>> open;
        for (int step = 0; step < 2'000; ++step) {
            const QByteArray where = "seed " + QByteArray::number(seed) + ", step " + QByteArray::number(step);
            m_now += std::chrono::milliseconds(std::uniform_int_distribution(0, 2'000)(random));
            if (open.empty() || random() % 2) {
                const auto expected = model.acquire(m_now);
                auto permit = acquire(breaker);
                QVERIFY2(permit.has_value() == expected.has_value(), where.constData());
                if (permit)
                    open.emplace_back(std::move(*permit), *expected);
            } else {
                const size_t which = random() % open.size();
                auto [permit, generation] = std::move(open[which]);
                open.erase(open.begin() + qsizetype(which));
                std::optional<Outcome> outcome;
                if (random() % 8)
                    outcome = random() % 3 ? Outcome::Failure : Outcome::Success;
                if (outcome)
                    permit.report(*outcome, m_now);
                else
                    const CircuitBreaker::Permit cancelled = std::move(permit);
                model.report(generation, outcome, m_now);
            }
            QVERIFY2(state(breaker) == model.state, where.constData());
        }
    }
}

void tst_CircuitBreaker::threads()
{
    CircuitBreaker breaker({ .failures = 3, .openFor = 1ms, .trials = 1 });
    std::atomic<qint64> clock = 0;
    {
        std::vector<std::jthread> threads;
        for (unsigned t = 0; t < 8; ++t) {
            threads.emplace_back([&, t] {
                std::mt19937 random(t);
                for (int i = 0; i < 20'000; ++i) {
                    const TimePoint now = m_now + std::chrono::microseconds(clock += 10);
                    auto permit = breaker.acquire(now);
                    if (permit && random() % 8)
                        permit->report(random() % 2 ? Outcome::Failure : Outcome::Success, now);
                }
            });
        }
    }
    const TimePoint after = m_now + std::chrono::hours(1);
    const auto figures = breaker.figures(after);
    QVERIFY(figures.opened > 0 && figures.refused > 0);
    // Whatever happened, no trial was lost: one call brings it back.
    m_now = after;
    QVERIFY(call(breaker, Outcome::Success));
    QCOMPARE(state(breaker), State::Closed);
}

QTEST_APPLESS_MAIN(tst_CircuitBreaker)
#include "tst_circuitbreaker.moc"
