// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/ratelimiter.h"
#include "tests/support/rounds.h"

#include <QTest>

#include <map>
#include <random>
#include <thread>
#include <vector>

using namespace godwit;
using namespace godwit::async;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

class tst_RateLimiter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void allowsTheBurstThenTheRate_data();
    void allowsTheBurstThenTheRate();
    void saysWhatIsLeft();
    void costsWhatItIsTold();
    void keysDoNotShare();
    void decidesAsATokenBucketDoes();
    void forgetsIdleKeys();
    void isBoundedUnderAFloodOfKeys();
    void threadsTakeNoMoreThanThereIs();
    void refusalAndHeaders();

private:
    const TimePoint m_start{ 1h };
};

void tst_RateLimiter::allowsTheBurstThenTheRate_data()
{
    QTest::addColumn<int>("burst");
    QTest::addColumn<std::chrono::milliseconds>("pause");
    QTest::addColumn<int>("allowed");
    QTest::newRow("used up") << 2 << 0ms << 0;
    QTest::newRow("not yet one") << 2 << 999ms << 0;
    QTest::newRow("one again") << 2 << 1000ms << 1;
    QTest::newRow("two again") << 2 << 2000ms << 2;
    QTest::newRow("never more than the burst") << 2 << 100'000ms << 2;
    QTest::newRow("burst of one") << 1 << 1000ms << 1;
}

void tst_RateLimiter::allowsTheBurstThenTheRate()
{
    QFETCH(const int, burst);
    QFETCH(const std::chrono::milliseconds, pause);
    QFETCH(const int, allowed);
    RateLimiter limiter({ .perSecond = 1, .burst = burst });
    for (int i = 0; i < burst; ++i)
        QVERIFY(limiter.take("a", m_start).isAllowed);
    QVERIFY(!limiter.take("a", m_start).isAllowed);
    for (int i = 0; i < allowed; ++i)
        QVERIFY(limiter.take("a", m_start + pause).isAllowed);
    QVERIFY(!limiter.take("a", m_start + pause).isAllowed);
}

void tst_RateLimiter::saysWhatIsLeft()
{
    RateLimiter limiter({ .perSecond = 2, .burst = 3 });
    auto decision = limiter.take("a", m_start);
    QCOMPARE(decision.limit, 3);
    QCOMPARE(decision.remaining, 2);
    QCOMPARE(decision.reset, 500ms);
    limiter.take("a", m_start);
    decision = limiter.take("a", m_start);
    QCOMPARE(decision.remaining, 0);
    QCOMPARE(decision.reset, 1500ms);
    decision = limiter.take("a", m_start + 100ms);
    QVERIFY(!decision.isAllowed);
    QCOMPARE(decision.retryAfter, 400ms);
    QVERIFY(!limiter.take("a", m_start + 100ms + decision.retryAfter - 1ns).isAllowed);
    QVERIFY(limiter.take("a", m_start + 100ms + decision.retryAfter).isAllowed);
}

void tst_RateLimiter::costsWhatItIsTold()
{
    RateLimiter limiter({ .perSecond = 1, .burst = 10 });
    QVERIFY(limiter.take("a", m_start, 7).isAllowed);
    const auto decision = limiter.take("a", m_start, 5);
    QVERIFY(!decision.isAllowed);
    QCOMPARE(decision.retryAfter, 2s);
    QCOMPARE(decision.remaining, 3); // what is refused costs nothing
    QVERIFY(limiter.take("a", m_start, 3).isAllowed);
    QCOMPARE(limiter.take("b", m_start, 11).retryAfter, std::chrono::nanoseconds::max());

    RateLimiter slow({ .perSecond = 0.1, .burst = 10 });
    const auto huge = slow.take("a", m_start, 1'000'000'000); // more nanoseconds than 64 bits hold
    QVERIFY(!huge.isAllowed);
    QCOMPARE(huge.remaining, 10);
    QCOMPARE(huge.retryAfter, std::chrono::nanoseconds::max());
}

void tst_RateLimiter::keysDoNotShare()
{
    RateLimiter limiter({ .perSecond = 1, .burst = 1 });
    for (int i = 0; i < 1'000; ++i)
        QVERIFY(limiter.take(QByteArray::number(i), m_start).isAllowed);
    for (int i = 0; i < 1'000; ++i)
        QVERIFY(!limiter.take(QByteArray::number(i), m_start).isAllowed);
    QCOMPARE(limiter.figures().keys, 1'000);
}

/// The model: a bucket of time that fills as time passes.
void tst_RateLimiter::decidesAsATokenBucketDoes()
{
    for (unsigned seed = 1; seed <= rounds(20); ++seed) {
        std::mt19937 random(seed);
        const int burst = std::uniform_int_distribution(1, 20)(random);
        const auto interval = std::chrono::nanoseconds(std::uniform_int_distribution(1, 1'000'000)(random));
        RateLimiter limiter({ .perSecond = 1e9 / double(interval.count()), .burst = burst });
        std::map<QByteArray, std::pair<TimePoint, std::chrono::nanoseconds>> buckets;
        TimePoint now = m_start;
        for (int step = 0; step < 5'000; ++step) {
            now += interval * std::uniform_int_distribution(0, 300)(random) / 100;
            const QByteArray key(1, char(std::uniform_int_distribution<int>('a', 'e')(random)));
            const int cost = std::uniform_int_distribution(0, 3)(random);
            auto &[filledAt, level] = buckets.try_emplace(key, now, interval * burst).first->second;
            level = std::min(level + std::chrono::nanoseconds(now - filledAt), interval * burst);
            filledAt = now;
            const bool isAllowed = level >= interval * cost;
            if (isAllowed)
                level -= interval * cost;
            const auto decision = limiter.take(key, now, cost);
            const QByteArray where = "seed " + QByteArray::number(seed) + ", step " + QByteArray::number(step);
            QVERIFY2(decision.isAllowed == isAllowed, where.constData());
            QVERIFY2(decision.remaining == int(level / interval), where.constData());
        }
    }
}

void tst_RateLimiter::forgetsIdleKeys()
{
    RateLimiter limiter({ .perSecond = 10, .burst = 1, .keys = 100'000 });
    TimePoint now = m_start;
    for (int i = 0; i < 50'000; ++i) {
        now += 1ms; // so a hundred keys are limited at a time
        limiter.take(QByteArray::number(i), now);
    }
    QVERIFY2(limiter.figures().keys < 1'000, qPrintable(QString::number(limiter.figures().keys)));
    QCOMPARE(limiter.figures().evicted, 0);
}

void tst_RateLimiter::isBoundedUnderAFloodOfKeys()
{
    RateLimiter limiter({ .perSecond = 1, .burst = 10, .keys = 1'600 });
    for (int i = 0; i < 10; ++i)
        QVERIFY(limiter.take("attacked", m_start).isAllowed);
    int forgotten = 0;
    for (int i = 0; i < 100'000; ++i) {
        limiter.take(QByteArray::number(i), m_start);
        forgotten += i % 1'000 == 0 && limiter.take("attacked", m_start).isAllowed;
    }
    QVERIFY(limiter.figures().keys <= 1'600);
    QVERIFY(limiter.figures().evicted > 0);
    QCOMPARE(forgotten, 0); // it owes most, so the others go first
}

void tst_RateLimiter::threadsTakeNoMoreThanThereIs()
{
    RateLimiter limiter({ .perSecond = 1, .burst = 1'000 });
    std::atomic<int> allowed = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 1'000; ++i)
                    allowed += limiter.take("shared", m_start).isAllowed;
            });
        }
    }
    QCOMPARE(allowed.load(), 1'000);
    QCOMPARE(limiter.figures().allowed, 1'000);
    QCOMPARE(limiter.figures().refused, 7'000);
}

void tst_RateLimiter::refusalAndHeaders()
{
    RateLimiter limiter({ .name = u"search"_s, .perSecond = 2, .burst = 4 });
    QCOMPARE(limiter.policyHeader(), R"("search";q=4;w=2)"_ba);
    QCOMPARE(limiter.header(limiter.take("a", m_start)), R"("search";r=3;t=1)"_ba);
    limiter.take("a", m_start, 3);
    const auto decision = limiter.take("a", m_start);
    QCOMPARE(limiter.header(decision), R"("search";r=0;t=2)"_ba);
    const Error error = limiter.refusal(decision);
    QCOMPARE(error.code(), Error::Code::ResourceExhausted);
    QVERIFY(error.decider());
    QCOMPARE(error.decider()->kind, Decider::Kind::RateLimit);
    QCOMPARE(error.decider()->name, u"search"_s);
    QCOMPARE(error.decider()->limit, 4);
    QCOMPARE(error.decider()->used, 4);
    QCOMPARE(error.decider()->retryAfter, 500ms);
}

QTEST_APPLESS_MAIN(tst_RateLimiter)
#include "tst_ratelimiter.moc"
