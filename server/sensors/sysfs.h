// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"
#include "shared/protocol/sensors.h"

#include <QString>

#include <vector>

/// What Linux shows of its sensors as files (Documentation/ABI/testing/sysfs-bus-iio and sysfs-class-thermal). All
/// functions read files, which may block for as long as a bus takes: not on a reactor. The roots are given, so that a
/// test has its own.
namespace godwit::sensors::sysfs {

enum class Quantity { Temperature, Humidity, Pressure };

QString nameOf(Quantity quantity); ///< `temperature`, `humidity`, `pressure`
QString unitOf(Quantity quantity); ///< `degC`, `%RH`, `hPa`

/// One value of a device.
struct Channel
{
    Quantity quantity = Quantity::Temperature;
    QString suffix{}; ///< of the series' name: empty, or what tells it from others of the device
    QString file{}; ///< of the value; raw if there is a scale
    QString offsetFile{}, scaleFile{}; ///< empty: 0 and 1
    double multiplied = 1, divided = 1; ///< from the kernel's unit to ours; a thousandth has no exact double

    /// Error::Unavailable, with what went wrong.
    Result<double> read() const;
};

struct Device
{
    QString name; ///< `iio.bme280`, `thermal.x86_pkg_temp`; unique among those that were found together
    QString path;
    protocol::SensorSource source = protocol::SensorSource::Iio;
    std::vector<Channel> channels; ///< at least one

    QString seriesOf(const Channel &channel) const;
};

/// The devices below @p root that measure what we know; none if there is no such folder. In order of their numbers.
std::vector<Device> findIio(const QString &root);
std::vector<Device> findThermal(const QString &root);

} // namespace godwit::sensors::sysfs
