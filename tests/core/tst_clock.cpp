// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/core/clock.h"

#include <QtTest>

using namespace godwit;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using std::chrono::milliseconds;

class tst_Clock : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rfc3339_data();
    void rfc3339();
    void readsOtherZonesAndPrecisions_data();
    void readsOtherZonesAndPrecisions();
    void refusesWhatIsNoTimestamp_data();
    void refusesWhatIsNoTimestamp();
    void manualClockMovesOnlyWhenTold();
    void systemClockIsNow();
};

static Timestamp at(qint64 millisecondsSinceEpoch)
{
    return Timestamp(milliseconds(millisecondsSinceEpoch));
}

void tst_Clock::rfc3339_data()
{
    QTest::addColumn<qint64>("time"); // ms since 1970
    QTest::addColumn<QString>("text");
    QTest::newRow("epoch") << qint64(0) << u"1970-01-01T00:00:00.000Z"_s;
    QTest::newRow("milliseconds") << qint64(1795366800123) << u"2026-11-22T17:00:00.123Z"_s;
    QTest::newRow("leap day") << qint64(1709251199999) << u"2024-02-29T23:59:59.999Z"_s;
    QTest::newRow("before the epoch") << qint64(-1) << u"1969-12-31T23:59:59.999Z"_s;
    QTest::newRow("last of four digits") << qint64(253402300799999) << u"9999-12-31T23:59:59.999Z"_s;
}

void tst_Clock::rfc3339()
{
    QFETCH(qint64, time);
    QFETCH(QString, text);
    QCOMPARE(toRfc3339(at(time)), text);
    QCOMPARE(toRfc3339Bytes(at(time)), text.toLatin1());
    QCOMPARE(fromRfc3339(text), at(time));
}

void tst_Clock::readsOtherZonesAndPrecisions_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("time");
    QTest::newRow("offset") << u"2026-11-22T18:00:00.123+01:00"_s << qint64(1795366800123);
    QTest::newRow("negative offset") << u"2026-11-22T11:30:00.123-05:30"_s << qint64(1795366800123);
    QTest::newRow("no fraction") << u"2026-11-22T17:00:00Z"_s << qint64(1795366800000);
    QTest::newRow("one digit") << u"2026-11-22T17:00:00.1Z"_s << qint64(1795366800100);
    QTest::newRow("microseconds") << u"2026-11-22T17:00:00.123400Z"_s << qint64(1795366800123);
    QTest::newRow("nanoseconds") << u"2026-11-22T17:00:00.123400000Z"_s << qint64(1795366800123);
    QTest::newRow("small letters") << u"2026-11-22t17:00:00z"_s << qint64(1795366800000);
}

void tst_Clock::readsOtherZonesAndPrecisions()
{
    QFETCH(QString, text);
    QFETCH(qint64, time);
    QCOMPARE(fromRfc3339(text), at(time));
}

void tst_Clock::refusesWhatIsNoTimestamp_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("empty") << QString();
    QTest::newRow("words") << u"yesterday"_s;
    QTest::newRow("no zone") << u"2026-11-22T17:00:00"_s;
    QTest::newRow("date only") << u"2026-11-22"_s;
    QTest::newRow("no such day") << u"2026-02-30T00:00:00Z"_s;
    QTest::newRow("no such hour") << u"2026-11-22T25:00:00Z"_s;
    QTest::newRow("behind") << u"2026-11-22T17:00:00Zx"_s;
}

void tst_Clock::refusesWhatIsNoTimestamp()
{
    QFETCH(QString, text);
    QVERIFY(!fromRfc3339(text));
}

void tst_Clock::manualClockMovesOnlyWhenTold()
{
    ManualClock clock;
    const auto now = clock.now();
    const auto timestamp = clock.timestamp();
    QCOMPARE(clock.now(), now);
    clock.advance(1500ms);
    QCOMPARE(clock.now(), now + 1500ms);
    QCOMPARE(clock.timestamp(), timestamp + 1500ms);
}

void tst_Clock::systemClockIsNow()
{
    const auto before = QDateTime::currentMSecsSinceEpoch();
    const auto now = Clock::system().timestamp().time_since_epoch().count();
    QVERIFY(before <= now && now <= QDateTime::currentMSecsSinceEpoch());
    const auto first = Clock::system().now();
    QVERIFY(first <= Clock::system().now());
}

QTEST_GUILESS_MAIN(tst_Clock)
#include "tst_clock.moc"
