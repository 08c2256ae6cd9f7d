// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/context.h"

#include <QtTest>

using namespace godwit;
using namespace godwit::async;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

class tst_Context : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void deadlineCounts();
    void deadlineNever();
    void earlierDeadlineWins();
    void stopsByTokenOrDeadline_data();
    void stopsByTokenOrDeadline();
};

constexpr static TimePoint start{ 1h };

void tst_Context::deadlineCounts()
{
    const auto deadline = Deadline::in(10ms, start);
    QVERIFY(!deadline.isNever());
    QCOMPARE(deadline.at(), start + 10ms);
    QVERIFY(!deadline.hasPassed(start + 9ms));
    QVERIFY(deadline.hasPassed(start + 10ms));
    QCOMPARE(deadline.remaining(start), 10ms);
    QCOMPARE(deadline.remaining(start + 9ms + 1us), 1ms); // rounded up: never too early
    QCOMPARE(deadline.remaining(start + 1h), 0ms);
}

void tst_Context::deadlineNever()
{
    const Deadline never;
    QVERIFY(never.isNever());
    QVERIFY(!never.hasPassed(start + 24h * 10'000));
    QCOMPARE(never.remaining(), milliseconds::max());
    QVERIFY(Deadline::in(milliseconds::max()).isNever()); // and does not overflow
    QVERIFY(Deadline::in(milliseconds::max(), start).isNever());
    QVERIFY(!Deadline::in(24h * 10'000, start).isNever());
}

void tst_Context::earlierDeadlineWins()
{
    const Deadline never, soon(start), later(start + 1s);
    QCOMPARE(never & soon, soon);
    QCOMPARE(soon & never, soon);
    QCOMPARE(later & soon, soon);
    QCOMPARE(never & never, never);
}

void tst_Context::stopsByTokenOrDeadline_data()
{
    QTest::addColumn<bool>("token");
    QTest::addColumn<bool>("deadline");
    QTest::addColumn<Error::Code>("code");
    QTest::newRow("neither") << false << false << Error::Code::Cancelled;
    QTest::newRow("token") << true << false << Error::Code::Cancelled;
    QTest::newRow("deadline") << false << true << Error::Code::DeadlineExceeded;
    QTest::newRow("both") << true << true << Error::Code::DeadlineExceeded;
}

void tst_Context::stopsByTokenOrDeadline()
{
    QFETCH(bool, token);
    QFETCH(bool, deadline);
    QFETCH(Error::Code, code);
    std::stop_source source;
    Context context{ .stop = source.get_token() };
    if (token)
        source.request_stop();
    if (deadline)
        context.deadline = Deadline::in(0ms);
    QCOMPARE(context.isStopped(), token || deadline);
    QCOMPARE(context.stopError().code(), code);
    if (token || deadline)
        QVERIFY_THROWS_EXCEPTION(Error, context.throwIfStopped());
    else
        context.throwIfStopped();
}

QTEST_GUILESS_MAIN(tst_Context)
#include "tst_context.moc"
