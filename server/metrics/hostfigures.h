// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"

#include <QHash>
#include <QString>

#include <limits>
#include <optional>

namespace godwit::metrics {

/// This machine and this process. What the system does not tell is NaN (zero for counts of bytes).
struct HostFigures
{
    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

    double cpuUsage = unknown; ///< percent of all cores, since the last reading
    double processCpuUsage = unknown; ///< percent of one core, since the last reading
    double load1 = unknown, load5 = unknown, load15 = unknown;
    double memoryUsage = unknown; ///< percent
    qint64 memoryTotalBytes = 0, memoryUsedBytes = 0; ///< used: what is not available to a new program
    qint64 processMemoryBytes = 0; ///< resident
    double diskReadPerSecond = unknown, diskWritePerSecond = unknown; ///< bytes, whole disks only
    double networkReceivePerSecond = unknown, networkSendPerSecond = unknown; ///< bytes, without loopback
    double temperature = unknown; ///< degC, the hottest sensor
};

/// Reads HostFigures from Linux's /proc and /sys (proc(5), Documentation/hwmon/sysfs-interface). Keeps the last
/// counters, from which rates are made: the first reading has none, and one that follows within a fifth of a second
/// tells those of the one before. One thread; a reading takes under a millisecond, as nothing of it touches a disk.
class Host
{
public:
    /// @param root is where `proc` and `sys` are; another folder in tests.
    explicit Host(QString root = QStringLiteral("/"));

    HostFigures read(TimePoint now = std::chrono::steady_clock::now());

private:
    struct CpuTicks
    {
        quint64 all = 0, busy = 0, process = 0;
    };
    struct Bytes
    {
        quint64 in = 0, out = 0;
    };

    void readRates(HostFigures &figures, TimePoint now);
    QByteArray contents(const QString &path) const;
    void readCpu(HostFigures &figures);
    void readLoad(HostFigures &figures) const;
    void readMemory(HostFigures &figures) const;
    std::optional<Bytes> diskBytes() const;
    std::optional<Bytes> networkBytes() const;
    double hottest() const;

    QString m_root;
    HostFigures m_lastRates; // its rates alone
    std::optional<TimePoint> m_lastTime; // of them
    std::optional<CpuTicks> m_lastTicks;
    std::optional<Bytes> m_lastDisk, m_lastNetwork;
};

} // namespace godwit::metrics
