// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/listenaddress.h"
#include "server/config/units.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit::config;

class tst_Units : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void durationsAreRead_data();
    void durationsAreRead();
    void durationsAreWrittenShort();
    void sizesAreRead_data();
    void sizesAreRead();
    void sizesAreWrittenShort();
    void addressesAreRead_data();
    void addressesAreRead();
};

void tst_Units::durationsAreRead_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("milliseconds"); // -1: refused
    QTest::newRow("zero") << u"0"_s << qint64(0);
    QTest::newRow("milliseconds") << u"250ms"_s << qint64(250);
    QTest::newRow("seconds") << u"30s"_s << qint64(30'000);
    QTest::newRow("space") << u" 5 m "_s << qint64(300'000);
    QTest::newRow("hours") << u"2h"_s << qint64(7'200'000);
    QTest::newRow("days") << u"7d"_s << qint64(604'800'000);
    QTest::newRow("no unit") << u"30"_s << qint64(-1);
    QTest::newRow("no number") << u"s"_s << qint64(-1);
    QTest::newRow("empty") << QString() << qint64(-1);
    QTest::newRow("negative") << u"-1s"_s << qint64(-1);
    QTest::newRow("unknown unit") << u"3 weeks"_s << qint64(-1);
    QTest::newRow("case counts") << u"5M"_s << qint64(-1);
    QTest::newRow("overflow") << u"9223372036854775807d"_s << qint64(-1);
    QTest::newRow("too many digits") << u"99999999999999999999ms"_s << qint64(-1);
}

void tst_Units::durationsAreRead()
{
    QFETCH(QString, text);
    QFETCH(qint64, milliseconds);
    const auto duration = durationFrom(text);
    QCOMPARE(duration ? duration->count() : -1, milliseconds);
}

void tst_Units::durationsAreWrittenShort()
{
    QCOMPARE(toText(0ms), u"0s"_s);
    QCOMPARE(toText(90s), u"90s"_s);
    QCOMPARE(toText(120s), u"2m"_s);
    QCOMPARE(toText(1500ms), u"1500ms"_s);
    QCOMPARE(toText(48h), u"2d"_s);
}

void tst_Units::sizesAreRead_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("bytes"); // -1: refused
    QTest::newRow("bare") << u"512"_s << qint64(512);
    QTest::newRow("bytes") << u"0B"_s << qint64(0);
    QTest::newRow("KiB") << u"32KiB"_s << qint64(32'768);
    QTest::newRow("MiB") << u"8 MiB"_s << qint64(8'388'608);
    QTest::newRow("GiB") << u"3GiB"_s << qint64(3'221'225'472);
    QTest::newRow("decimal") << u"8MB"_s << qint64(8'000'000);
    QTest::newRow("unknown") << u"8Mb"_s << qint64(-1);
    QTest::newRow("negative") << u"-8MiB"_s << qint64(-1);
    QTest::newRow("overflow") << u"9223372036854775807GiB"_s << qint64(-1);
    QTest::newRow("empty") << QString() << qint64(-1);
}

void tst_Units::sizesAreRead()
{
    QFETCH(QString, text);
    QFETCH(qint64, bytes);
    QCOMPARE(sizeFrom(text).value_or(-1), bytes);
}

void tst_Units::sizesAreWrittenShort()
{
    QCOMPARE(sizeToText(0), u"0B"_s);
    QCOMPARE(sizeToText(8'388'608), u"8MiB"_s);
    QCOMPARE(sizeToText(1500), u"1500B"_s);
}

void tst_Units::addressesAreRead_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("shown"); // empty: refused
    QTest::addColumn<bool>("isLocal");
    QTest::newRow("IPv4") << u"127.0.0.1:8420"_s << u"127.0.0.1:8420"_s << true;
    QTest::newRow("IPv6") << u"[::1]:0"_s << u"[::1]:0"_s << true;
    QTest::newRow("name") << u"localhost:80"_s << u"127.0.0.1:80"_s << true;
    QTest::newRow("Unix") << u"unix:/run/g.sock"_s << u"unix:/run/g.sock"_s << true;
    QTest::newRow("all") << u"0.0.0.0:80"_s << u"0.0.0.0:80"_s << false;
    QTest::newRow("another machine") << u"192.0.2.7:80"_s << u"192.0.2.7:80"_s << false;
    QTest::newRow("no port") << u"127.0.0.1"_s << QString() << false;
    QTest::newRow("port too large") << u"127.0.0.1:65536"_s << QString() << false;
    QTest::newRow("no host") << u":80"_s << QString() << false;
    QTest::newRow("bare IPv6") << u"::1:80"_s << QString() << false;
    QTest::newRow("unknown name") << u"example.org:80"_s << QString() << false;
    QTest::newRow("empty path") << u"unix:"_s << QString() << false;
}

void tst_Units::addressesAreRead()
{
    QFETCH(QString, text);
    QFETCH(QString, shown);
    QFETCH(bool, isLocal);
    const auto address = ListenAddress::fromString(text);
    QCOMPARE(address ? address->toString() : QString(), shown);
    if (address)
        QCOMPARE(address->isLocal(), isLocal);
    else
        QVERIFY(address.error().message().contains(u'"' + text + u'"'));
}

QTEST_APPLESS_MAIN(tst_Units)
#include "tst_units.moc"
