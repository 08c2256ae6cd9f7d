// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/devices.h"
#include "tests/sensors/fakesysfs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace godwit;
using namespace godwit::sensors;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class tst_Devices : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    void readsTheKernelsUnits_data();
    void readsTheKernelsUnits();
    void inputIsTakenBeforeRaw();
    void devicesAreInOrderAndApart();
    void readsThermalZones();
    void whatCannotBeReadIsSaid_data();
    void whatCannotBeReadIsSaid();
    void failingOnesDoNotStopOthers();
    void vanishesAndComesBack();
    void aHangingOneHoldsUpNoOther();
    void oldValuesAreNoPresent();

private:
    std::shared_ptr<Devices> make()
    {
        return std::make_shared<Devices>(
            Options{ .iioRoot = m_files->iioRoot(), .thermalRoot = m_files->thermalRoot() }, m_history, m_clock);
    }
    static Devices::Standing find(const Devices &devices, const QString &name)
    {
        for (const auto &standing : devices.standings()) {
            if (standing.name == name)
                return standing;
        }
        return { .name = u"(none)"_s, .error = {}, .readAt = {} };
    }
    double latest(const QString &series) const
    {
        const auto present = m_history->find(series);
        return present && present->latest ? present->latest->value : std::nan("");
    }

    std::optional<test::FakeSysfs> m_files;
    ManualClock m_clock;
    std::shared_ptr<History> m_history;
};

void tst_Devices::init()
{
    m_files.emplace();
    m_history = std::make_shared<History>(32, m_clock);
}

void tst_Devices::readsTheKernelsUnits_data()
{
    QTest::addColumn<QMap<QString, QByteArray>>("files");
    QTest::addColumn<QString>("series");
    QTest::addColumn<double>("value");
    using Files = QMap<QString, QByteArray>;
    QTest::newRow("milli degrees") << Files{ { u"in_temp_input"_s, "22430\n" } } << u"iio.dev.temperature"_s << 22.43;
    QTest::newRow("below zero") << Files{ { u"in_temp_input"_s, "-5250" } } << u"iio.dev.temperature"_s << -5.25;
    QTest::newRow("raw") << Files{ { u"in_temp_raw"_s, "1000" },
                                   { u"in_temp_offset"_s, "-100" },
                                   { u"in_temp_scale"_s, "25.5" } }
                         << u"iio.dev.temperature"_s << 22.95;
    QTest::newRow("raw without offset") << Files{ { u"in_temp_raw"_s, "1000" }, { u"in_temp_scale"_s, "20" } }
                                        << u"iio.dev.temperature"_s << 20.0;
    QTest::newRow("index") << Files{ { u"in_temp1_raw"_s, "100" }, { u"in_temp1_scale"_s, "10" } }
                           << u"iio.dev.temperature1"_s << 1.0;
    QTest::newRow("shared scale") << Files{ { u"in_temp1_raw"_s, "100" }, { u"in_temp_scale"_s, "10" } }
                                  << u"iio.dev.temperature1"_s << 1.0;
    QTest::newRow("modifier") << Files{ { u"in_temp_ambient_raw"_s, "100" }, { u"in_temp_ambient_scale"_s, "10" } }
                              << u"iio.dev.temperature_ambient"_s << 1.0;
    QTest::newRow("milli percent") << Files{ { u"in_humidityrelative_input"_s, "45678" } } << u"iio.dev.humidity"_s
                                   << 45.678;
    QTest::newRow("raw humidity") << Files{ { u"in_humidityrelative_raw"_s, "3000" },
                                            { u"in_humidityrelative_scale"_s, "15.5" },
                                            { u"in_humidityrelative_offset"_s, "-10" } }
                                  << u"iio.dev.humidity"_s << 46.345;
    QTest::newRow("kilopascal") << Files{ { u"in_pressure_input"_s, "101.325" } } << u"iio.dev.pressure"_s << 1013.25;
    QTest::newRow("raw pressure") << Files{ { u"in_pressure_raw"_s, "101325" }, { u"in_pressure_scale"_s, "0.001" } }
                                  << u"iio.dev.pressure"_s << 1013.25;
}

void tst_Devices::readsTheKernelsUnits()
{
    using Files = QMap<QString, QByteArray>;
    QFETCH(Files, files);
    QFETCH(QString, series);
    QFETCH(double, value);
    m_files->write(u"iio/iio:device0/name"_s, "dev\n");
    for (auto it = files.cbegin(); it != files.cend(); ++it)
        m_files->write(u"iio/iio:device0/"_s + it.key(), it.value());
    const auto found = sysfs::findIio(m_files->iioRoot());
    QCOMPARE(found.size(), 1);
    QCOMPARE(found[0].channels.size(), 1);
    QCOMPARE(found[0].seriesOf(found[0].channels[0]), series);
    const auto read = found[0].channels[0].read();
    QVERIFY2(read.has_value(), read ? "" : qPrintable(read.error().message()));
    QCOMPARE(*read, value);
}

void tst_Devices::inputIsTakenBeforeRaw()
{
    m_files->write(u"iio/iio:device0/in_temp_input"_s, "22000");
    m_files->write(u"iio/iio:device0/in_temp_raw"_s, "1");
    m_files->write(u"iio/iio:device0/in_temp_scale"_s, "1");
    m_files->write(u"iio/iio:device0/in_voltage0_raw"_s, "1"); // of no use here
    m_files->write(u"iio/iio:device1/in_voltage0_raw"_s, "1");
    m_files->write(u"iio/iio:device2/in_pressure_raw"_s, "1"); // a number without a unit
    const auto found = sysfs::findIio(m_files->iioRoot());
    QCOMPARE(found.size(), 1);
    QCOMPARE(found[0].name, u"iio.iio_device0"_s); // it has no name
    QCOMPARE(found[0].channels.size(), 1);
    QCOMPARE(*found[0].channels[0].read(), 22.0);
}

void tst_Devices::devicesAreInOrderAndApart()
{
    for (const int number : { 10, 9, 2 })
        m_files->addBme280(number);
    m_files->write(u"iio/iio:device10/name"_s, "Odd Name!\n");
    const auto found = sysfs::findIio(m_files->iioRoot());
    QCOMPARE(found.size(), 3);
    QCOMPARE(found[0].name, u"iio.bme280"_s);
    QVERIFY(found[0].path.endsWith(u"device2"_s));
    QCOMPARE(found[1].name, u"iio.bme280-2"_s);
    QCOMPARE(found[2].name, u"iio.odd_name_"_s);
    QVERIFY(sysfs::findIio(m_files->iioRoot() + u"/nowhere"_s).empty());
    QVERIFY(sysfs::findIio({}).empty());
}

void tst_Devices::readsThermalZones()
{
    m_files->write(u"thermal/thermal_zone0/type"_s, "x86_pkg_temp\n");
    m_files->write(u"thermal/thermal_zone0/temp"_s, "48000\n");
    m_files->write(u"thermal/cooling_device0/type"_s, "Processor\n");
    const auto devices = make();
    devices->scan();
    devices->readAll();
    QCOMPARE(latest(u"thermal.x86_pkg_temp"_s), 48.0);
    QVERIFY(!devices->present().source); // how warm a processor is tells nothing of the room
}

void tst_Devices::whatCannotBeReadIsSaid_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("empty") << ""_ba;
    QTest::newRow("words") << "no data\n"_ba;
    QTest::newRow("not finite") << "nan\n"_ba;
    QTest::newRow("two numbers") << "1 2\n"_ba;
}

void tst_Devices::whatCannotBeReadIsSaid()
{
    QFETCH(QByteArray, content);
    m_files->addBme280();
    m_files->write(u"iio/iio:device0/in_temp_input"_s, content);
    const auto devices = make();
    devices->scan();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"iio.bme280: .*in_temp_input.*"_s));
    devices->readAll();
    devices->readAll(); // said once
    const auto standing = find(*devices, u"iio.bme280"_s);
    QVERIFY(standing.state == Devices::State::Failing);
    QCOMPARE(standing.failures, 2);
    QVERIFY(standing.error.contains(u"in_temp_input"_s));
    QVERIFY(std::isnan(latest(u"iio.bme280.temperature"_s)));
    QCOMPARE(latest(u"iio.bme280.pressure"_s), 1013.25); // the other channels go on
    m_files->write(u"iio/iio:device0/in_temp_input"_s, "20000");
    devices->readAll();
    QVERIFY(find(*devices, u"iio.bme280"_s).state == Devices::State::Ok);
}

void tst_Devices::failingOnesDoNotStopOthers()
{
    m_files->addBme280(0);
    m_files->addBme280(1);
    m_files->write(u"iio/iio:device1/in_temp_input"_s, "21000");
    const auto devices = make();
    devices->scan();
    devices->readAll();
    QCOMPARE(devices->present().temperature, 22.43); // the first that measures it
    m_files->remove(u"iio/iio:device0/in_temp_input"_s);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"iio.bme280: .*"_s));
    m_clock.advance(2min);
    devices->readAll();
    const auto sample = devices->present();
    QCOMPARE(sample.temperature, 21.0); // the second's
    QCOMPARE(sample.humidity, 45.678);
    QCOMPARE(sample.timestamp, m_clock.timestamp());
    QVERIFY(sample.source == protocol::SensorSource::Iio);
}

void tst_Devices::vanishesAndComesBack()
{
    m_files->addBme280();
    const auto devices = make();
    devices->scan();
    devices->readAll();
    QVERIFY(find(*devices, u"iio.bme280"_s).state == Devices::State::Ok);
    m_files->removeFolder(u"iio/iio:device0"_s);
    QTest::ignoreMessage(QtWarningMsg, "iio.bme280 is gone");
    devices->scan();
    QVERIFY(find(*devices, u"iio.bme280"_s).state == Devices::State::Gone);
    QVERIFY(!devices->present().source);
    m_files->addBme280(3); // at another place
    devices->scan();
    devices->readAll();
    QCOMPARE(devices->standings().size(), 1);
    QVERIFY(find(*devices, u"iio.bme280"_s).state == Devices::State::Ok);
}

void tst_Devices::aHangingOneHoldsUpNoOther()
{
    m_files->addBme280(0);
    m_files->addBme280(1);
    runtime::BlockingPool threads;
    const auto devices = make();
    devices->scan();
    // A pipe that nobody writes to hangs as a bus can.
    m_files->remove(u"iio/iio:device0/in_temp_input"_s);
    const QByteArray pipe = QFile::encodeName(m_files->iioRoot() + u"/iio:device0/in_temp_input"_s);
    QCOMPARE(mkfifo(pipe.constData(), 0600), 0);
    QTRY_VERIFY((devices->turn(threads), find(*devices, u"iio.bme280-2"_s).readings > 9));
    QCOMPARE(find(*devices, u"iio.bme280"_s).readings, 0);
    QVERIFY(devices->activity() == Devices::Activity::Reading);
    m_clock.advance(10s);
    QVERIFY(find(*devices, u"iio.bme280"_s).state == Devices::State::Stuck);
    const int writer = open(pipe.constData(), O_WRONLY); // lets it go
    QVERIFY(writer >= 0);
    QCOMPARE(write(writer, "20000\n", 6), 6);
    close(writer);
    QTRY_VERIFY(find(*devices, u"iio.bme280"_s).readings > 0);
    QCOMPARE(latest(u"iio.bme280.temperature"_s), 20.0);
}

void tst_Devices::oldValuesAreNoPresent()
{
    m_files->addBme280();
    const auto devices = make();
    devices->scan();
    devices->readAll();
    m_clock.advance(59s);
    QVERIFY(devices->present().source);
    m_clock.advance(1s);
    QVERIFY(!devices->present().source);
}

QTEST_GUILESS_MAIN(tst_Devices)
#include "tst_devices.moc"
