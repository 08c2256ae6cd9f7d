// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/units.h"

#include <QLocale>
#include <QTest>

#include <cmath>

using namespace Qt::StringLiterals;
using namespace godwit;
using models::Quantity;

class tst_Figures : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }
    void readsWell_data();
    void readsWell();
    void ticksAreShort_data();
    void ticksAreShort();
};

void tst_Figures::readsWell_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<Quantity>("quantity");
    QTest::addColumn<QString>("text");
    QTest::newRow("percent") << 12.345 << Quantity::Percent << u"12.3\u202f%"_s;
    QTest::newRow("full") << 100.0 << Quantity::Percent << u"100\u202f%"_s;
    QTest::newRow("nothing") << std::nan("") << Quantity::Percent << u"\u2013"_s;
    QTest::newRow("zero rate") << 0.0 << Quantity::Rate << u"0/s"_s;
    QTest::newRow("small rate") << 0.5 << Quantity::Rate << u"0.50/s"_s;
    QTest::newRow("rate") << 1234.0 << Quantity::Rate << u"1,234/s"_s;
    QTest::newRow("fast") << 0.423 << Quantity::Milliseconds << u"0.42\u202fms"_s;
    QTest::newRow("milliseconds") << 4.23 << Quantity::Milliseconds << u"4.2\u202fms"_s;
    QTest::newRow("slow") << 423.0 << Quantity::Milliseconds << u"423\u202fms"_s;
    QTest::newRow("seconds") << 1500.0 << Quantity::Milliseconds << u"1.5\u202fs"_s;
    QTest::newRow("microseconds") << 0.0424 << Quantity::Milliseconds << u"42\u202fµs"_s;
    QTest::newRow("few microseconds") << 0.0014 << Quantity::Milliseconds << u"1.4\u202fµs"_s;
    QTest::newRow("no 1000 ms") << 999.9 << Quantity::Milliseconds << u"1.0\u202fs"_s;
    QTest::newRow("count") << 8000.0 << Quantity::Count << u"8,000"_s;
    QTest::newRow("bytes") << 512.0 << Quantity::Bytes << u"512\u202fB"_s;
    QTest::newRow("KiB") << 1536.0 << Quantity::Bytes << u"1.5\u202fKiB"_s;
    QTest::newRow("MiB") << 250.0 * 1024 * 1024 << Quantity::Bytes << u"250\u202fMiB"_s;
    QTest::newRow("no 1024 MiB") << 1023.9 * 1024 * 1024 << Quantity::Bytes << u"1.0\u202fGiB"_s;
}

void tst_Figures::readsWell()
{
    QFETCH(double, value);
    QFETCH(Quantity, quantity);
    QFETCH(QString, text);
    QCOMPARE(models::format(value, quantity).text(), text);
}

void tst_Figures::ticksAreShort_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("text");
    QTest::newRow("0") << 0.0 << u"0"_s;
    QTest::newRow("half") << 0.5 << u"0.5"_s;
    QTest::newRow("hundreds") << 250.0 << u"250"_s;
    QTest::newRow("thousands") << 12'500.0 << u"12.5k"_s;
    QTest::newRow("millions") << 2e6 << u"2M"_s;
}

void tst_Figures::ticksAreShort()
{
    QFETCH(double, value);
    QFETCH(QString, text);
    QCOMPARE(models::formatTick(value), text);
}

QTEST_GUILESS_MAIN(tst_Figures)
#include "tst_figures.moc"
