// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

namespace godwit::test {

/// Trees of files as Linux shows its sensors by.
class FakeSysfs
{
public:
    QString iioRoot() const { return m_folder.filePath(QStringLiteral("iio")); }
    QString thermalRoot() const { return m_folder.filePath(QStringLiteral("thermal")); }

    void write(const QString &path, const QByteArray &content) const
    {
        const QString full = m_folder.filePath(path);
        QVERIFY(QDir().mkpath(QFileInfo(full).path()));
        QFile file(full);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
    void remove(const QString &path) const { QFile::remove(m_folder.filePath(path)); }
    void removeFolder(const QString &path) const { QDir(m_folder.filePath(path)).removeRecursively(); }

    /// A BME280: what the kernel has worked out.
    void addBme280(int number = 0) const
    {
        const QString device = QStringLiteral("iio/iio:device%1/").arg(number);
        write(device + QStringLiteral("name"), "bme280\n");
        write(device + QStringLiteral("in_temp_input"), "22430\n");
        write(device + QStringLiteral("in_humidityrelative_input"), "45678\n");
        write(device + QStringLiteral("in_pressure_input"), "101.325000000\n");
    }

private:
    QTemporaryDir m_folder;
};

} // namespace godwit::test
