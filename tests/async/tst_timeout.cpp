// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/timeout.h"

#include <QTest>

using namespace godwit;
using namespace godwit::async;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Code = Error::Code;

namespace {

/// What became of a call.
struct Outcome
{
    std::optional<int> value;
    std::optional<Error> error;
};

template<class Work>
QCoro::Task<> call(Context context, std::chrono::milliseconds span, Work work, Outcome &outcome)
{
    try {
        outcome.value = co_await withTimeout(context, span, u"work"_s, work);
    } catch (const Error &error) {
        outcome.error = error;
    }
}

QCoro::Task<int> sleepLong(Context context)
{
    OneShot<void> wait = sleepFor(context, 1h);
    co_await std::move(wait);
    co_return 1;
}

QCoro::Task<int> fail(Context)
{
    throw Error(Code::NotFound, u"no"_s);
    co_return 1;
}

} // namespace

class tst_Timeout : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void inTime();
    void tooLate();
    void aFailureIsItsOwn();
    void tokenOfTheCaller();
    void earlierDeadlineOfTheCaller();
    void waitsForWhatHeedsNoToken();
};

void tst_Timeout::inTime()
{
    Outcome outcome;
    std::stop_token token;
    const auto work = [&token](const Context &context) -> QCoro::Task<int> {
        token = context.stop;
        return [](Context) -> QCoro::Task<int> { co_return 42; }(context);
    };
    const auto task = call({}, 1h, work, outcome);
    QVERIFY(task.isReady());
    QCOMPARE(outcome.value, 42);
    for (int i = 0; i < 4; ++i)
        QCoreApplication::sendPostedEvents(); // the end of the timer
    QVERIFY(!token.stop_requested());
}

void tst_Timeout::tooLate()
{
    Outcome outcome;
    const auto task = call({}, 1ms, [](const Context &context) { return sleepLong(context); }, outcome);
    QTRY_VERIFY(task.isReady());
    QVERIFY(outcome.error);
    QCOMPARE(outcome.error->code(), Code::DeadlineExceeded);
    QVERIFY(outcome.error->decider());
    QCOMPARE(outcome.error->decider()->kind, Decider::Kind::Deadline);
    QCOMPARE(outcome.error->decider()->name, u"work"_s);
    QCOMPARE(outcome.error->decider()->limit, 0.001);
}

void tst_Timeout::aFailureIsItsOwn()
{
    Outcome outcome;
    const auto task = call({}, 1h, [](const Context &context) { return fail(context); }, outcome);
    QVERIFY(task.isReady());
    QVERIFY(outcome.error && outcome.error->code() == Code::NotFound);
    for (int i = 0; i < 4; ++i)
        QCoreApplication::sendPostedEvents();
}

void tst_Timeout::tokenOfTheCaller()
{
    Outcome outcome;
    std::stop_source stop;
    const auto task
        = call({ .stop = stop.get_token() }, 1h, [](const Context &context) { return sleepLong(context); }, outcome);
    QVERIFY(!task.isReady());
    stop.request_stop();
    QTRY_VERIFY(task.isReady());
    QVERIFY(outcome.error && outcome.error->code() == Code::Cancelled && !outcome.error->decider());
}

void tst_Timeout::earlierDeadlineOfTheCaller()
{
    Outcome outcome;
    const auto task = call(
        { .deadline = Deadline::in(1ms) }, 1h, [](const Context &context) { return sleepLong(context); }, outcome);
    QTRY_VERIFY(task.isReady());
    QVERIFY(outcome.error && outcome.error->code() == Code::DeadlineExceeded && !outcome.error->decider());
}

void tst_Timeout::waitsForWhatHeedsNoToken()
{
    Outcome outcome;
    auto [finisher, result] = oneShot<int>();
    std::stop_token token;
    const auto deaf = [&token, &result = result](const Context &context) -> QCoro::Task<int> {
        token = context.stop;
        return [](OneShot<int> wait) -> QCoro::Task<int> { co_return co_await std::move(wait); }(std::move(result));
    };
    const auto task = call({}, 1ms, deaf, outcome);
    QTRY_VERIFY(token.stop_requested());
    QVERIFY(!task.isReady());
    finisher.set(7);
    QTRY_VERIFY(task.isReady());
    QCOMPARE(outcome.value, 7); // what came late is kept: it was waited for
}

QTEST_GUILESS_MAIN(tst_Timeout)
#include "tst_timeout.moc"
