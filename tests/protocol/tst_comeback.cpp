// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/comeback.h"

#include <QSet>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit::protocol;

class tst_ComeBack : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void timesAreSpread();
    void reasonsAreRead_data();
    void reasonsAreRead();
};

void tst_ComeBack::timesAreSpread()
{
    QSet<qint64> times;
    for (int i = 0; i < 1'000; ++i) {
        const auto time = comeBackTime();
        QVERIFY(time >= earliestComeBack && time <= latestComeBack);
        QCOMPARE(comeBackTimeOf(comeBackReason(time)), time);
        times.insert(time.count());
        QVERIFY(comeBackSeconds() >= 1s && comeBackSeconds() <= 3s);
    }
    QVERIFY(times.size() > 100);
}

void tst_ComeBack::reasonsAreRead_data()
{
    QTest::addColumn<QString>("reason");
    QTest::addColumn<qint64>("milliseconds"); // -1: says nothing
    QTest::newRow("ours") << u"restarting; come back in 1.70 s"_s << qint64(1'700);
    QTest::newRow("a whole second") << u"restarting; come back in 2 s"_s << qint64(2'000);
    QTest::newRow("at most a minute") << u"restarting; come back in 1e300 s"_s << qint64(60'000);
    QTest::newRow("not negative") << u"restarting; come back in -1 s"_s << qint64(-1);
    QTest::newRow("no number") << u"restarting; come back in nan s"_s << qint64(-1);
    QTest::newRow("no time") << u"restarting; come back in  s"_s << qint64(-1);
    QTest::newRow("half") << u"restarting; come back in s"_s << qint64(-1);
    QTest::newRow("another") << u"the page was left"_s << qint64(-1);
    QTest::newRow("none") << QString() << qint64(-1);
}

void tst_ComeBack::reasonsAreRead()
{
    QFETCH(const QString, reason);
    QFETCH(const qint64, milliseconds);
    const auto time = comeBackTimeOf(reason);
    QCOMPARE(time ? time->count() : -1, milliseconds);
}

QTEST_APPLESS_MAIN(tst_ComeBack)
#include "tst_comeback.moc"
