// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/bulkhead.h"
#include "tests/support/rounds.h"

#include <QCoroTask>
#include <QTest>

#include <atomic>
#include <optional>
#include <random>
#include <thread>
#include <vector>

using namespace godwit;
using namespace godwit::async;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Code = Error::Code;
using Permit = Bulkhead::Permit;

namespace {

/// One that asks for a place and keeps it until it is told to leave.
struct Guest
{
    std::optional<Permit> permit;
    std::optional<Error> error;
    std::stop_source stop;

    bool isWaiting() const { return !permit && !error; }
};

QCoro::Task<> enter(Bulkhead &bulkhead, Guest &guest, QList<Guest *> *order = nullptr)
{
    const Context context{ .stop = guest.stop.get_token() };
    OneShot<Permit> wait = bulkhead.acquire(context);
    try {
        guest.permit = co_await std::move(wait);
        if (order)
            order->append(&guest);
    } catch (const Error &error) {
        guest.error = error;
    }
}

/// What has been posted to this thread so far, and what that posts.
void runLoop()
{
    for (int i = 0; i < 3; ++i)
        QCoreApplication::sendPostedEvents();
}

} // namespace

class tst_Bulkhead : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void admitsSoMany();
    void refusesBeyondTheQueue();
    void firstComeFirstServed();
    void tokenLeavesTheQueue();
    void whoIsStoppedIsNotAdmitted();
    void abandonedWaitersPassTheirPlaceOn();
    void manyAbandonedWaitersNeedNoStack();
    void endsItsWaiters();
    void permitsOutliveIt();
    void tokensFireAtEveryPoint();
    void threads();
};

void tst_Bulkhead::admitsSoMany()
{
    Bulkhead bulkhead({ .concurrency = 2 });
    std::vector<Guest> guests(4);
    for (Guest &guest : guests)
        enter(bulkhead, guest);
    QVERIFY(guests[0].permit && guests[1].permit && guests[2].isWaiting() && guests[3].isWaiting());
    QCOMPARE(bulkhead.figures().running, 2);
    QCOMPARE(bulkhead.figures().waiting, 2);
    guests[0].permit.reset();
    runLoop();
    QVERIFY(guests[2].permit && guests[3].isWaiting());
    for (Guest &guest : guests)
        guest.permit.reset();
    runLoop();
    QVERIFY(guests[3].permit);
    guests[3].permit.reset();
    QCOMPARE(bulkhead.figures().running, 0);
    QCOMPARE(bulkhead.figures().admitted, 4);
}

void tst_Bulkhead::refusesBeyondTheQueue()
{
    Bulkhead bulkhead({ .name = u"hashing"_s, .concurrency = 1, .queue = 1 });
    Guest inside, waiting, refused;
    enter(bulkhead, inside);
    enter(bulkhead, waiting);
    enter(bulkhead, refused);
    QVERIFY(refused.error);
    QCOMPARE(refused.error->code(), Code::Unavailable);
    QVERIFY(refused.error->decider());
    QCOMPARE(refused.error->decider()->kind, Decider::Kind::Bulkhead);
    QCOMPARE(refused.error->decider()->name, u"hashing"_s);
    QCOMPARE(refused.error->decider()->limit, 2);
    QCOMPARE(refused.error->decider()->used, 2);
    QCOMPARE(bulkhead.figures().refused, 1);
    inside.permit.reset();
    runLoop();
    QVERIFY(waiting.permit);
}

void tst_Bulkhead::firstComeFirstServed()
{
    Bulkhead bulkhead({ .concurrency = 1, .queue = 1'000 });
    std::vector<Guest> guests(500);
    QList<Guest *> order, expected;
    for (Guest &guest : guests) {
        enter(bulkhead, guest, &order);
        expected.append(&guest);
    }
    for (Guest &guest : guests) {
        QVERIFY(guest.permit);
        guest.permit.reset();
        runLoop();
    }
    QCOMPARE(order, expected);
}

void tst_Bulkhead::tokenLeavesTheQueue()
{
    Bulkhead bulkhead({ .concurrency = 1, .queue = 2 });
    Guest inside, leaving, staying, late;
    for (Guest *guest : { &inside, &leaving, &staying })
        enter(bulkhead, *guest);
    leaving.stop.request_stop();
    QCOMPARE(bulkhead.figures().waiting, 1); // at once: there is room for another
    enter(bulkhead, late);
    runLoop();
    QVERIFY(leaving.error && leaving.error->code() == Code::Cancelled);
    inside.permit.reset();
    runLoop();
    QVERIFY(staying.permit && late.isWaiting());
    staying.permit.reset();
    runLoop();
    QVERIFY(late.permit);
}

void tst_Bulkhead::whoIsStoppedIsNotAdmitted()
{
    Bulkhead bulkhead({ .concurrency = 1 });
    Guest stopped;
    stopped.stop.request_stop();
    enter(bulkhead, stopped);
    QVERIFY(stopped.error && stopped.error->code() == Code::Cancelled);
    QCOMPARE(bulkhead.figures().running, 0);
}

void tst_Bulkhead::abandonedWaitersPassTheirPlaceOn()
{
    Bulkhead bulkhead({ .concurrency = 1, .queue = 100 });
    Guest inside, last;
    enter(bulkhead, inside);
    for (int i = 0; i < 50; ++i)
        bulkhead.acquire({}); // nobody awaits it
    enter(bulkhead, last);
    inside.permit.reset();
    runLoop();
    QVERIFY(last.permit);
    QCOMPARE(bulkhead.figures().running, 1);
}

void tst_Bulkhead::manyAbandonedWaitersNeedNoStack()
{
    const int many = 300'000;
    Bulkhead bulkhead({ .concurrency = 1, .queue = many + 1 });
    Guest inside, last;
    enter(bulkhead, inside);
    for (int i = 0; i < many; ++i)
        bulkhead.acquire({}); // each passes its place on at once
    enter(bulkhead, last);
    inside.permit.reset();
    runLoop();
    QVERIFY(last.permit);
    QCOMPARE(bulkhead.figures().running, 1);
}

void tst_Bulkhead::endsItsWaiters()
{
    Guest inside, waiting;
    {
        Bulkhead bulkhead({ .concurrency = 1 });
        enter(bulkhead, inside);
        enter(bulkhead, waiting);
    }
    runLoop();
    QVERIFY(waiting.error && waiting.error->code() == Code::Cancelled);
    waiting.stop.request_stop(); // to a queue that is gone
}

void tst_Bulkhead::permitsOutliveIt()
{
    Guest inside;
    {
        Bulkhead bulkhead({ .concurrency = 1 });
        enter(bulkhead, inside);
    }
    QVERIFY(inside.permit);
    inside.permit.reset();
}

/// Every order in which three guests come, are stopped and leave: nobody gets a place twice, none is lost.
void tst_Bulkhead::tokensFireAtEveryPoint()
{
    for (unsigned seed = 1; seed <= rounds(2'000); ++seed) {
        std::mt19937 random(seed);
        Bulkhead bulkhead({ .concurrency = 2, .queue = 3 });
        std::vector<Guest> guests(6);
        std::vector<size_t> steps;
        for (size_t i = 0; i < guests.size(); ++i)
            steps.insert(steps.end(), { i, i + 100, i + 200 }); // comes, is stopped, leaves
        std::ranges::shuffle(steps, random);
        for (const size_t step : steps) {
            Guest &guest = guests[step % 100];
            if (step < 100)
                enter(bulkhead, guest);
            else if (step < 200)
                guest.stop.request_stop();
            else
                guest.permit.reset();
            if (random() % 2)
                runLoop();
            QVERIFY(bulkhead.figures().running <= 2);
        }
        for (size_t i = 0; i < guests.size(); ++i) {
            for (Guest &guest : guests)
                guest.permit.reset();
            runLoop();
        }
        const QByteArray where = "seed " + QByteArray::number(seed);
        QVERIFY2(bulkhead.figures().running == 0 && bulkhead.figures().waiting == 0, where.constData());
    }
}

void tst_Bulkhead::threads()
{
    Bulkhead bulkhead({ .concurrency = 3, .queue = 1'000 });
    std::atomic<int> inside = 0, most = 0, ended = 0;
    {
        std::vector<std::jthread> threads;
        for (unsigned t = 0; t < 8; ++t) {
            threads.emplace_back([&, t] {
                std::mt19937 random(t);
                for (int i = 0; i < 2'000; ++i) {
                    std::stop_source stop;
                    auto future = bulkhead.acquire({ .stop = stop.get_token() });
                    if (random() % 2)
                        stop.request_stop();
                    while (!future.isFinished())
                        std::this_thread::yield();
                    try {
                        const Permit permit = future.await_resume();
                        const int now = ++inside;
                        int seen = most;
                        while (now > seen && !most.compare_exchange_weak(seen, now)) { }
                        --inside;
                    } catch (const Error &) {
                    }
                    ++ended;
                }
            });
        }
    }
    QCOMPARE(ended.load(), 16'000);
    QVERIFY2(most <= 3, qPrintable(QString::number(most)));
    QCOMPARE(bulkhead.figures().running, 0);
    QCOMPARE(bulkhead.figures().waiting, 0);
}

QTEST_GUILESS_MAIN(tst_Bulkhead)
#include "tst_bulkhead.moc"
