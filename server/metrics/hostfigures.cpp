// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/hostfigures.h"

#include <QDir>
#include <QFile>
#include <QList>

#include <cmath>

using namespace Qt::StringLiterals;

namespace godwit::metrics {

namespace {

/// The kernel counts CPU time in hundredths of a second: a shorter span says 0 or 100 percent by chance.
constexpr std::chrono::milliseconds shortestSpan(200);

QList<QByteArray> words(const QByteArray &line)
{
    return line.simplified().split(' ');
}

/// The number after `Name:` in a file like /proc/meminfo, which counts in kB.
std::optional<qint64> kilobytesAfter(const QByteArray &text, QByteArrayView name)
{
    const qsizetype at = text.indexOf(name);
    if (at < 0)
        return std::nullopt;
    const qsizetype from = at + name.size();
    bool ok = false;
    const qint64 value = text.mid(from, text.indexOf("kB", from) - from).trimmed().toLongLong(&ok);
    return ok ? std::optional(value * 1024) : std::nullopt;
}

/// Disks that stand for others (partitions of a volume, images, compressed memory) would be counted twice.
bool isWholeDisk(const QString &name)
{
    for (const auto prefix : { "loop"_L1, "ram"_L1, "zram"_L1, "dm-"_L1, "md"_L1, "sr"_L1 }) {
        if (name.startsWith(prefix))
            return false;
    }
    return true;
}

double perSecond(quint64 now, quint64 before, std::chrono::duration<double> span)
{
    // A device that was taken away makes the sum fall.
    return now >= before ? double(now - before) / span.count() : 0;
}

} // namespace

Host::Host(QString root) : m_root(std::move(root))
{
    if (!m_root.endsWith(u'/'))
        m_root += u'/';
}

QByteArray Host::contents(const QString &path) const
{
    QFile file(m_root + path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

HostFigures Host::read(TimePoint now)
{
    if (!m_lastTime || now - *m_lastTime >= shortestSpan) {
        m_lastRates = {};
        readRates(m_lastRates, now);
    }
    HostFigures figures = m_lastRates;
    readLoad(figures);
    readMemory(figures);
    figures.temperature = hottest();
    return figures;
}

void Host::readRates(HostFigures &figures, TimePoint now)
{
    readCpu(figures);
    const auto disk = diskBytes();
    const auto network = networkBytes();
    if (m_lastTime && now > *m_lastTime) {
        const std::chrono::duration<double> span = now - *m_lastTime;
        if (disk && m_lastDisk) {
            figures.diskReadPerSecond = perSecond(disk->in, m_lastDisk->in, span);
            figures.diskWritePerSecond = perSecond(disk->out, m_lastDisk->out, span);
        }
        if (network && m_lastNetwork) {
            figures.networkReceivePerSecond = perSecond(network->in, m_lastNetwork->in, span);
            figures.networkSendPerSecond = perSecond(network->out, m_lastNetwork->out, span);
        }
    }
    m_lastTime = now;
    m_lastDisk = disk;
    m_lastNetwork = network;
}

void Host::readCpu(HostFigures &figures)
{
    const auto lines = contents(u"proc/stat"_s).split('\n');
    if (!lines.first().startsWith("cpu "))
        return;
    CpuTicks ticks;
    const auto columns = words(lines.first());
    // user nice system idle iowait irq softirq steal; what follows (guests) is counted in user already.
    for (qsizetype i = 1; i < std::min<qsizetype>(columns.size(), 9); ++i) {
        const quint64 value = columns[i].toULongLong();
        ticks.all += value;
        if (i != 4 && i != 5)
            ticks.busy += value;
    }
    qsizetype cores = 0;
    while (cores + 1 < lines.size() && lines[cores + 1].startsWith("cpu"))
        ++cores;
    // The name in parentheses may hold spaces; utime and stime are the 12th and 13th column after it.
    const QByteArray self = contents(u"proc/self/stat"_s);
    const auto own = words(self.mid(self.lastIndexOf(')') + 1));
    if (own.size() > 12)
        ticks.process = own[11].toULongLong() + own[12].toULongLong();

    if (m_lastTicks && ticks.all > m_lastTicks->all) {
        const double all = double(ticks.all - m_lastTicks->all);
        // iowait may fall (proc(5)), so busy and all do not always grow together.
        figures.cpuUsage = std::clamp(100.0 * (double(ticks.busy) - double(m_lastTicks->busy)) / all, 0.0, 100.0);
        if (ticks.process >= m_lastTicks->process)
            figures.processCpuUsage = 100.0 * double(ticks.process - m_lastTicks->process) / all * double(cores);
    }
    m_lastTicks = ticks;
}

void Host::readLoad(HostFigures &figures) const
{
    const auto columns = words(contents(u"proc/loadavg"_s));
    if (columns.size() < 3)
        return;
    figures.load1 = columns[0].toDouble();
    figures.load5 = columns[1].toDouble();
    figures.load15 = columns[2].toDouble();
}

void Host::readMemory(HostFigures &figures) const
{
    const QByteArray text = contents(u"proc/meminfo"_s);
    const auto total = kilobytesAfter(text, "MemTotal:");
    const auto available = kilobytesAfter(text, "MemAvailable:");
    if (total && available && *total > 0) {
        figures.memoryTotalBytes = *total;
        figures.memoryUsedBytes = *total - *available;
        figures.memoryUsage = 100.0 * double(figures.memoryUsedBytes) / double(*total);
    }
    figures.processMemoryBytes = kilobytesAfter(contents(u"proc/self/status"_s), "VmRSS:").value_or(0);
}

std::optional<Host::Bytes> Host::diskBytes() const
{
    const auto disks = QDir(m_root + u"sys/block"_s).entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot);
    std::optional<Bytes> sum;
    for (const QString &disk : disks) {
        if (!isWholeDisk(disk))
            continue;
        const auto columns = words(contents(u"sys/block/"_s + disk + u"/stat"_s));
        if (columns.size() < 7)
            continue;
        // Sectors of 512 bytes, whatever the disk's own are (Documentation/block/stat.rst).
        Bytes bytes = sum.value_or(Bytes{});
        bytes.in += columns[2].toULongLong() * 512;
        bytes.out += columns[6].toULongLong() * 512;
        sum = bytes;
    }
    return sum;
}

std::optional<Host::Bytes> Host::networkBytes() const
{
    std::optional<Bytes> sum;
    for (const QByteArray &line : contents(u"proc/net/dev"_s).split('\n')) {
        const qsizetype colon = line.indexOf(':');
        if (colon < 0 || line.left(colon).trimmed() == "lo")
            continue;
        const auto columns = words(line.mid(colon + 1));
        if (columns.size() < 9)
            continue;
        Bytes bytes = sum.value_or(Bytes{});
        bytes.in += columns[0].toULongLong();
        bytes.out += columns[8].toULongLong();
        sum = bytes;
    }
    return sum;
}

double Host::hottest() const
{
    double hottest = HostFigures::unknown;
    const auto look = [&](const QString &folder, const QString &devices, const QString &files) {
        const auto entries = QDir(m_root + folder).entryList({ devices }, QDir::Dirs | QDir::NoDotAndDotDot);
        for (const QString &device : entries) {
            const QString path = folder + u'/' + device;
            for (const QString &file : QDir(m_root + path).entryList({ files }, QDir::Files)) {
                bool ok = false;
                const double degrees = contents(path + u'/' + file).trimmed().toDouble(&ok) / 1000;
                // Sensors that are not wired say -128 or 255 degrees, or fail to be read.
                if (ok && degrees > -60 && degrees < 200 && !(degrees <= hottest))
                    hottest = degrees;
            }
        }
    };
    look(u"sys/class/thermal"_s, u"thermal_zone*"_s, u"temp"_s);
    look(u"sys/class/hwmon"_s, u"hwmon*"_s, u"temp*_input"_s);
    return hottest;
}

} // namespace godwit::metrics
