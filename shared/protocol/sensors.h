// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"
#include "shared/core/result.h"

#include <QJsonObject>

#include <limits>
#include <optional>

namespace godwit::protocol {

/// Where a reading came from.
enum class SensorSource { Iio, Thermal, Ingest, Simulated };

QString toString(SensorSource source); ///< `iio`, `thermal`, `ingest`, `simulated`
std::optional<SensorSource> sensorSourceFrom(QStringView text);

/// What /ws/realtime tells. NaN, null on the wire, is what the source does not measure.
struct SensorSample
{
    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

    Timestamp timestamp{}; ///< when it was measured
    double temperature = unknown; ///< degC
    double humidity = unknown; ///< %RH
    double pressure = unknown; ///< hPa
    std::optional<SensorSource> source{}; ///< none: nothing measures, and nothing is simulated

    QJsonObject toJson() const;
    static Result<SensorSample> fromJson(const QJsonObject &json);
};

} // namespace godwit::protocol
