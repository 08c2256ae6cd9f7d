// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/hostfigures.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit::metrics;

class tst_HostFigures : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cpuIsWhatWasBusyBetweenTwoReadings();
    void aReadingTooSoonTellsTheRatesOfTheLast();
    void ownCpuIsOfOneCore();
    void memoryAndLoad();
    void disksAreCountedOnce();
    void networkLeavesLoopbackOut();
    void hottestSensorCounts();
    void anEmptyRootGivesUnknowns();
    void aDeviceThatWasTakenAwayGivesNoNegativeRate();
    void thisMachine();

private:
    void write(const QString &path, const QByteArray &text)
    {
        const QString file = m_root->path() + u'/' + path;
        QVERIFY(QDir().mkpath(QFileInfo(file).path()));
        QFile out(file);
        QVERIFY(out.open(QIODevice::WriteOnly | QIODevice::Truncate));
        out.write(text);
    }

    std::unique_ptr<QTemporaryDir> m_root;
    const godwit::TimePoint m_now{ 1000s };
};

void tst_HostFigures::init()
{
    m_root = std::make_unique<QTemporaryDir>();
}

void tst_HostFigures::cpuIsWhatWasBusyBetweenTwoReadings()
{
    //                        user nice sys idle iowait irq softirq steal guest
    write(u"proc/stat"_s, "cpu  100 0 100 800 0 0 0 0 50\ncpu0 1\ncpu1 1\nintr 5\n");
    Host host(m_root->path());
    QVERIFY(std::isnan(host.read(m_now).cpuUsage));
    write(u"proc/stat"_s, "cpu  110 5 105 860 10 4 3 3 60\ncpu0 1\ncpu1 1\nintr 5\n");
    QCOMPARE(host.read(m_now + 1s).cpuUsage, 30.0); // 30 of 100 ticks
}

void tst_HostFigures::aReadingTooSoonTellsTheRatesOfTheLast()
{
    const auto busyAndIdle = [this](int busy, int idle) {
        write(u"proc/stat"_s,
              "cpu  " + QByteArray::number(busy) + " 0 0 " + QByteArray::number(idle) + " 0 0 0 0\ncpu0 1\n");
    };
    busyAndIdle(0, 0);
    Host host(m_root->path());
    host.read(m_now);
    busyAndIdle(99, 1);
    QCOMPARE(host.read(m_now + 1s).cpuUsage, 99.0);
    busyAndIdle(99, 2); // the one tick since then was idle by chance
    QCOMPARE(host.read(m_now + 1010ms).cpuUsage, 99.0);
    busyAndIdle(149, 51);
    QCOMPARE(host.read(m_now + 2s).cpuUsage, 50.0); // over the whole second
}

void tst_HostFigures::ownCpuIsOfOneCore()
{
    const auto self = [](int user, int system) -> QByteArray {
        return "77 (a name) with (parentheses) R 1 1 1 0 -1 0 0 0 0 0 " + QByteArray::number(user) + ' '
            + QByteArray::number(system) + " 0 0 20 0\n";
    };
    write(u"proc/stat"_s, "cpu  0 0 0 0 0 0 0 0\ncpu0 1\ncpu1 1\n");
    write(u"proc/self/stat"_s, self(10, 10));
    Host host(m_root->path());
    host.read(m_now);
    write(u"proc/stat"_s, "cpu  150 0 0 50 0 0 0 0\ncpu0 1\ncpu1 1\n"); // one second of two cores
    write(u"proc/self/stat"_s, self(110, 60));
    QCOMPARE(host.read(m_now + 1s).processCpuUsage, 150.0);
}

void tst_HostFigures::memoryAndLoad()
{
    write(u"proc/meminfo"_s, "MemTotal:        1000 kB\nMemFree:          100 kB\nMemAvailable:     750 kB\n");
    write(u"proc/self/status"_s, "Name:\tx\nVmPeak:\t    9 kB\nVmRSS:\t    2048 kB\n");
    write(u"proc/loadavg"_s, "0.50 1.25 2.00 1/100 4711\n");
    const HostFigures figures = Host(m_root->path()).read(m_now);
    QCOMPARE(figures.memoryUsage, 25.0);
    QCOMPARE(figures.memoryTotalBytes, 1000 * 1024);
    QCOMPARE(figures.memoryUsedBytes, 250 * 1024);
    QCOMPARE(figures.processMemoryBytes, 2048 * 1024);
    QCOMPARE(figures.load1, 0.5);
    QCOMPARE(figures.load5, 1.25);
    QCOMPARE(figures.load15, 2.0);
}

void tst_HostFigures::disksAreCountedOnce()
{
    const auto disks = [this](int read, int written) {
        const QByteArray line
            = " 1 0 " + QByteArray::number(read) + " 9 1 0 " + QByteArray::number(written) + " 9 0 0 0\n";
        for (const auto &name : { u"sda"_s, u"nvme0n1"_s, u"loop0"_s, u"dm-0"_s, u"md0"_s, u"zram0"_s })
            write(u"sys/block/"_s + name + u"/stat"_s, line);
    };
    Host host(m_root->path());
    disks(100, 200);
    QVERIFY(std::isnan(host.read(m_now).diskReadPerSecond));
    disks(110, 240);
    const HostFigures figures = host.read(m_now + 2s);
    QCOMPARE(figures.diskReadPerSecond, 2 * 10 * 512 / 2.0); // two disks in two seconds
    QCOMPARE(figures.diskWritePerSecond, 2 * 40 * 512 / 2.0);
}

void tst_HostFigures::networkLeavesLoopbackOut()
{
    const auto interfaces = [this](int received, int sent) {
        write(u"proc/net/dev"_s,
              "Inter-|   Receive      |  Transmit\n face |bytes packets ...\n"
              "    lo: 999999999 1 0 0 0 0 0 0 999999999 1 0 0 0 0 0 0\n"
              "  eth0:"
                  + QByteArray::number(received) + " 1 0 0 0 0 0 0 " + QByteArray::number(sent) + " 1 0 0 0 0 0 0\n"
                  + "wlan0: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n");
    };
    Host host(m_root->path());
    interfaces(1000, 2000);
    host.read(m_now);
    interfaces(1500, 2100);
    const HostFigures figures = host.read(m_now + 500ms);
    QCOMPARE(figures.networkReceivePerSecond, 1000.0);
    QCOMPARE(figures.networkSendPerSecond, 200.0);
}

void tst_HostFigures::hottestSensorCounts()
{
    write(u"sys/class/thermal/thermal_zone0/temp"_s, "41000\n");
    write(u"sys/class/thermal/cooling_device0/temp"_s, "99000\n");
    write(u"sys/class/hwmon/hwmon1/temp1_input"_s, "55500\n");
    write(u"sys/class/hwmon/hwmon1/temp2_input"_s, "255000\n"); // not wired
    write(u"sys/class/hwmon/hwmon1/temp3_input"_s, "no\n");
    write(u"sys/class/hwmon/hwmon1/temp1_crit"_s, "100000\n");
    QCOMPARE(Host(m_root->path()).read(m_now).temperature, 55.5);
}

void tst_HostFigures::anEmptyRootGivesUnknowns()
{
    Host host(m_root->path());
    host.read(m_now);
    const HostFigures figures = host.read(m_now + 1s);
    for (const double figure : { figures.cpuUsage, figures.processCpuUsage, figures.load1, figures.memoryUsage,
                                 figures.diskReadPerSecond, figures.networkSendPerSecond, figures.temperature })
        QVERIFY(std::isnan(figure));
    QCOMPARE(figures.memoryTotalBytes, 0);
}

void tst_HostFigures::aDeviceThatWasTakenAwayGivesNoNegativeRate()
{
    const QByteArray line = " 1 0 5000 9 1 0 5000 9 0 0 0\n";
    write(u"sys/block/sda/stat"_s, line);
    write(u"sys/block/sdb/stat"_s, line);
    Host host(m_root->path());
    host.read(m_now);
    QVERIFY(QFile::remove(m_root->path() + u"/sys/block/sdb/stat"_s));
    QCOMPARE(host.read(m_now + 1s).diskReadPerSecond, 0.0);
}

void tst_HostFigures::thisMachine()
{
#ifndef Q_OS_LINUX
    QSKIP("figures of the host are read on Linux only");
#endif
    const HostFigures figures = Host().read();
    QVERIFY(figures.memoryUsage > 0 && figures.memoryUsage <= 100);
    QVERIFY(figures.processMemoryBytes > 1024 * 1024);
    QVERIFY(figures.processMemoryBytes < figures.memoryTotalBytes);
    QVERIFY(figures.load1 >= 0);
}

QTEST_APPLESS_MAIN(tst_HostFigures)
#include "tst_hostfigures.moc"
