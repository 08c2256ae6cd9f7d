// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/retry.h"

#include <QTest>

#include <thread>
#include <vector>

using namespace godwit;
using namespace godwit::async;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Code = Error::Code;

namespace {

Error error(Code code, std::chrono::milliseconds retryAfter = 0ms)
{
    Error result(code, u"no"_s);
    if (retryAfter > 0ms)
        return std::move(result).withDecider(
            { .kind = Decider::Kind::CircuitBreaker, .name = u"x"_s, .retryAfter = retryAfter });
    return result;
}

/// Fails as it is told, then succeeds; notes when.
struct Service
{
    QList<Error> failures;
    int calls = 0;

    QCoro::Task<int> ask(Context)
    {
        ++calls;
        if (!failures.isEmpty())
            throw failures.takeFirst();
        co_return 42;
    }
};

/// What became of a call.
struct Result
{
    std::optional<int> value;
    std::optional<Code> code;
};

QCoro::Task<> call(Service &service, Context context, RetryPolicy policy, Result &result)
{
    const auto work = [&service](const Context &c) { return service.ask(c); };
    try {
        result.value = co_await retry(context, policy, work);
    } catch (const Error &thrown) {
        result.code = thrown.code();
    }
}

} // namespace

class tst_Retry : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void triesUntilItSucceeds();
    void triesSoOftenAndNoMore();
    void onlyWhatMayPass_data();
    void onlyWhatMayPass();
    void delaysDoubleWithFullJitter_data();
    void delaysDoubleWithFullJitter();
    void heedsRetryAfter();
    void neverBeyondTheDeadline();
    void tokenEndsTheWait();
    void tokenBetweenAttempts();
    void aBudgetBoundsRetries();
    void budgetIsExactOverThreads();

private:
    RetryPolicy policy()
    {
        RetryPolicy result;
        result.random = [] { return 0.5; };
        result.sleep = [this](const Context &, std::chrono::milliseconds span) {
            m_slept.append(span);
            auto [finisher, wait] = oneShot<void>();
            finisher.set();
            return std::move(wait);
        };
        return result;
    }
    Result run(Service &service, const Context &context, const RetryPolicy &how)
    {
        Result result;
        const auto task = call(service, context, how, result); // no wait is real: it has ended when this returns
        Q_ASSERT(task.isReady());
        return result;
    }

    QList<std::chrono::milliseconds> m_slept;
};

void tst_Retry::init()
{
    m_slept.clear();
}

void tst_Retry::triesUntilItSucceeds()
{
    Service service{ .failures = { error(Code::Unavailable), error(Code::Unavailable) } };
    RetryPolicy how = policy();
    QList<int> told;
    how.onRetry = [&](const Error &, int attempt, std::chrono::milliseconds) { told.append(attempt); };
    QCOMPARE(run(service, {}, how).value, 42);
    QCOMPARE(service.calls, 3);
    QCOMPARE(told, (QList{ 1, 2 }));
    QCOMPARE(m_slept, (QList<std::chrono::milliseconds>{ 50ms, 100ms }));
}

void tst_Retry::triesSoOftenAndNoMore()
{
    Service service{ .failures = QList<Error>(10, error(Code::Unavailable)) };
    QVERIFY(run(service, {}, policy()).code == Code::Unavailable);
    QCOMPARE(service.calls, 3);
    QCOMPARE(m_slept.size(), 2); // none after the last
}

void tst_Retry::onlyWhatMayPass_data()
{
    QTest::addColumn<Code>("code");
    for (const Code code : { Code::InvalidArgument, Code::NotFound, Code::Conflict, Code::PermissionDenied,
                             Code::DeadlineExceeded, Code::Cancelled, Code::Internal })
        QTest::addRow("%d", int(code)) << code;
}

void tst_Retry::onlyWhatMayPass()
{
    QFETCH(const Code, code);
    Service service{ .failures = { error(code) } };
    QVERIFY(run(service, {}, policy()).code == code);
    QCOMPARE(service.calls, 1);
}

void tst_Retry::delaysDoubleWithFullJitter_data()
{
    QTest::addColumn<int>("attempt");
    QTest::addColumn<double>("random");
    QTest::addColumn<std::chrono::milliseconds>("delay");
    QTest::newRow("first, least") << 1 << 0.0 << 0ms;
    QTest::newRow("first, most") << 1 << 0.9999 << 100ms;
    QTest::newRow("second") << 2 << 0.5 << 100ms;
    QTest::newRow("fifth") << 5 << 0.5 << 800ms;
    QTest::newRow("bounded") << 20 << 0.5 << 5000ms;
    QTest::newRow("no overflow") << 2'000'000'000 << 0.5 << 5000ms;
}

void tst_Retry::delaysDoubleWithFullJitter()
{
    QFETCH(const int, attempt);
    QFETCH(const double, random);
    QFETCH(const std::chrono::milliseconds, delay);
    RetryPolicy how;
    how.random = [random] { return random; };
    QCOMPARE(retryDelay(how, attempt, error(Code::Unavailable)), delay);
}

void tst_Retry::heedsRetryAfter()
{
    Service service{ .failures = { error(Code::Unavailable, 3s), error(Code::Unavailable, 1ms) } };
    QCOMPARE(run(service, {}, policy()).value, 42);
    QCOMPARE(m_slept, (QList<std::chrono::milliseconds>{ 3s, 100ms }));
}

void tst_Retry::neverBeyondTheDeadline()
{
    Service service{ .failures = { error(Code::Unavailable, 1h) } };
    const Context context{ .deadline = Deadline::in(10min) };
    QVERIFY(run(service, context, policy()).code == Code::Unavailable); // at once, with what was wrong
    QCOMPARE(service.calls, 1);
    QVERIFY(m_slept.isEmpty());
}

void tst_Retry::tokenEndsTheWait()
{
    std::stop_source stop;
    Service service{ .failures = { error(Code::Unavailable, 1h) } };
    RetryPolicy how;
    how.onRetry = [&](const Error &, int, std::chrono::milliseconds) {
        QMetaObject::invokeMethod(this, [&] { stop.request_stop(); }, Qt::QueuedConnection);
    };
    Result result;
    const auto task = call(service, { .stop = stop.get_token() }, how, result); // a real wait, of an hour
    QTRY_VERIFY(task.isReady());
    QVERIFY(result.code == Code::Cancelled);
    QCOMPARE(service.calls, 1);
}

void tst_Retry::tokenBetweenAttempts()
{
    for (int after = 1; after <= 3; ++after) {
        std::stop_source stop;
        Service service{ .failures = QList<Error>(10, error(Code::Unavailable)) };
        RetryPolicy how = policy();
        how.attempts = 5;
        how.isRetryable = [&](const Error &) {
            if (service.calls == after)
                stop.request_stop();
            return true;
        };
        how.sleep = [](const Context &context, std::chrono::milliseconds) {
            auto [finisher, wait] = oneShot<void>();
            if (context.isStopped())
                finisher.fail(context.stopError());
            else
                finisher.set();
            return std::move(wait);
        };
        QVERIFY(run(service, { .stop = stop.get_token() }, how).code == Code::Cancelled);
        QCOMPARE(service.calls, after);
    }
}

void tst_Retry::aBudgetBoundsRetries()
{
    RetryBudget budget(0.1, 5);
    RetryPolicy how = policy();
    how.budget = &budget;
    int calls = 0;
    for (int i = 0; i < 1'000; ++i) {
        Service service{ .failures = QList<Error>(3, error(Code::Unavailable)) };
        run(service, {}, how);
        calls += service.calls;
    }
    QVERIFY2(calls >= 1'100 && calls <= 1'105, qPrintable(QString::number(calls))); // and not 3,000
}

void tst_Retry::budgetIsExactOverThreads()
{
    RetryBudget budget(0, 100);
    std::atomic<int> spent = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 1'000; ++i)
                    spent += budget.spend();
            });
        }
    }
    QCOMPARE(spent.load(), 100);
    QCOMPARE(budget.available(), 0.0);
}

QTEST_GUILESS_MAIN(tst_Retry)
#include "tst_retry.moc"
