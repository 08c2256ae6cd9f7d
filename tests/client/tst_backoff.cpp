// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/backoff.h"

#include <QTest>

using namespace godwit::client;
using namespace std::chrono_literals;

class tst_Backoff : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void doublesUpToTheMaximum();
    void jitterIsFull();
    void neverBusy();
    void startsOverAfterReset();
    void takesTheServersHint();
    void countsWithoutOverflow();
};

static Backoff::Options options(double random)
{
    return { .first = 500ms, .maximum = 8s, .minimum = 100ms, .random = [random] { return random; } };
}

void tst_Backoff::doublesUpToTheMaximum()
{
    Backoff backoff(options(1));
    for (const auto expected : { 500ms, 1000ms, 2000ms, 4000ms, 8000ms, 8000ms })
        QCOMPARE(backoff.next(), expected);
    QCOMPARE(backoff.failures(), 6);
}

void tst_Backoff::jitterIsFull()
{
    Backoff backoff(options(0.5));
    QCOMPARE(backoff.next(), 250ms);
    QCOMPARE(backoff.next(), 500ms);
}

void tst_Backoff::neverBusy()
{
    Backoff backoff(options(0));
    for (int i = 0; i < 10; ++i)
        QCOMPARE(backoff.next(), 100ms);
}

void tst_Backoff::startsOverAfterReset()
{
    Backoff backoff(options(1));
    backoff.next();
    backoff.next();
    backoff.reset();
    QCOMPARE(backoff.failures(), 0);
    QCOMPARE(backoff.next(), 500ms);
}

void tst_Backoff::takesTheServersHint()
{
    Backoff backoff(options(1));
    backoff.setFirst(2s);
    QCOMPARE(backoff.next(), 2000ms);
    backoff.setFirst(0ms); // a hint of zero would be a busy loop
    backoff.reset();
    QCOMPARE(backoff.next(), 100ms);
    backoff.setFirst(1h);
    QCOMPARE(backoff.next(), 8000ms);
}

void tst_Backoff::countsWithoutOverflow()
{
    Backoff backoff(options(1));
    for (int i = 0; i < 1000; ++i)
        QVERIFY(backoff.next() <= 8s);
    QCOMPARE(backoff.failures(), 1000);
}

QTEST_GUILESS_MAIN(tst_Backoff)
#include "tst_backoff.moc"
