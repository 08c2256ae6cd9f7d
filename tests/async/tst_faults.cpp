// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/faults.h"

#include <QCoroTask>
#include <QTest>

#include <thread>

using namespace godwit;
using namespace godwit::async;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Code = Error::Code;
using End = Faults::Fault::End;

class tst_Faults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void noneByDefault();
    void sharesAreKept();
    void endByThemselves();
    void failAndWait();
    void hangUntilStopped_data();
    void hangUntilStopped();
    void abortEndsABlockedThread();
};

/// What ended it: nothing, or an Error.
static QCoro::Task<std::optional<Code>> suffer(Faults &faults, Context context)
{
    try {
        co_await faults.suffer(context);
    } catch (const Error &error) {
        co_return error.code();
    }
    co_return std::nullopt;
}

static std::optional<Code> sufferBlocking(Faults &faults, const Context &context, const std::atomic<bool> &abort)
{
    try {
        faults.sufferBlocking(context, abort);
    } catch (const Error &error) {
        return error.code();
    }
    return std::nullopt;
}

void tst_Faults::noneByDefault()
{
    Faults faults(u"database"_s);
    QVERIFY(!faults.isOn());
    QVERIFY(!QCoro::waitFor(suffer(faults, {})));
    QVERIFY(!sufferBlocking(faults, {}, false));
    faults.set({});
    QVERIFY(!faults.isOn());
    QCOMPARE(faults.count(), 0);
}

void tst_Faults::sharesAreKept()
{
    Faults faults(u"database"_s);
    double chance = 0;
    faults.set({ .latency = 3ms, .errors = 0.25, .hangs = 0.5, .random = [&] { return chance; } });
    QVERIFY(faults.isOn());
    const QList<std::pair<double, End>> expected{
        { 0, End::Error }, { 0.249, End::Error }, { 0.25, End::Hang }, { 0.749, End::Hang }, { 0.75, End::None }
    };
    for (const auto &[drawn, end] : expected) {
        chance = drawn;
        QVERIFY(faults.next().end == end);
        QCOMPARE(faults.next().latency, 3ms);
    }
    QCOMPARE(faults.count(), 10);
}

void tst_Faults::endByThemselves()
{
    Faults faults(u"database"_s);
    const TimePoint now{ 1h };
    faults.set({ .errors = 1, .lasting = 2s }, now);
    QVERIFY(faults.next(now + 2s - 1ns).end == End::Error);
    QVERIFY(faults.next(now + 2s).end == End::None);
    QVERIFY(!faults.isOn());
    faults.set({ .errors = 1 }, now);
    QVERIFY(faults.next(now + 24h).end == End::Error);
}

void tst_Faults::failAndWait()
{
    Faults faults(u"database"_s);
    faults.set({ .latency = 20ms, .errors = 1 });
    auto begun = std::chrono::steady_clock::now();
    QCOMPARE(QCoro::waitFor(suffer(faults, {})), Code::Unavailable);
    QVERIFY(std::chrono::steady_clock::now() - begun >= 20ms);
    begun = std::chrono::steady_clock::now();
    QCOMPARE(sufferBlocking(faults, {}, false), Code::Unavailable);
    QVERIFY(std::chrono::steady_clock::now() - begun >= 20ms);
}

void tst_Faults::hangUntilStopped_data()
{
    QTest::addColumn<bool>("blocks");
    QTest::addColumn<bool>("byToken");
    QTest::newRow("token") << false << true;
    QTest::newRow("deadline") << false << false;
    QTest::newRow("blocked thread, token") << true << true;
    QTest::newRow("blocked thread, deadline") << true << false;
}

void tst_Faults::hangUntilStopped()
{
    QFETCH(const bool, blocks);
    QFETCH(const bool, byToken);
    Faults faults(u"database"_s);
    faults.set({ .hangs = 1 });
    std::stop_source stop;
    const Context context{ .stop = stop.get_token(), .deadline = byToken ? Deadline() : Deadline::in(30ms) };
    std::jthread stopper;
    if (byToken)
        stopper = std::jthread([&] { stop.request_stop(); });
    const auto ended = blocks ? sufferBlocking(faults, context, false) : QCoro::waitFor(suffer(faults, context));
    QCOMPARE(ended, byToken ? Code::Cancelled : Code::DeadlineExceeded);
}

void tst_Faults::abortEndsABlockedThread()
{
    Faults faults(u"database"_s);
    faults.set({ .hangs = 1 });
    std::atomic<bool> abort = false;
    const std::jthread aborter([&] { abort = true; });
    QCOMPARE(sufferBlocking(faults, {}, abort), Code::Cancelled);
}

QTEST_GUILESS_MAIN(tst_Faults)
#include "tst_faults.moc"
