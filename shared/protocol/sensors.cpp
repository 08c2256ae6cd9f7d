// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/sensors.h"

#include "shared/protocol/jsonfields.h"

#include <array>

using namespace Qt::StringLiterals;

namespace godwit::protocol {

QString toString(SensorSource source)
{
    switch (source) {
    case SensorSource::Iio:
        return u"iio"_s;
    case SensorSource::Thermal:
        return u"thermal"_s;
    case SensorSource::Ingest:
        return u"ingest"_s;
    case SensorSource::Simulated:
        return u"simulated"_s;
    }
    return {};
}

std::optional<SensorSource> sensorSourceFrom(QStringView text)
{
    constexpr std::array all{ SensorSource::Iio, SensorSource::Thermal, SensorSource::Ingest, SensorSource::Simulated };
    for (const SensorSource source : all) {
        if (text == toString(source))
            return source;
    }
    return {};
}

QJsonObject SensorSample::toJson() const
{
    return { { u"timestamp"_s, toRfc3339(timestamp) },
             { u"temperature"_s, numberOrNull(temperature) },
             { u"humidity"_s, numberOrNull(humidity) },
             { u"pressure"_s, numberOrNull(pressure) },
             { u"source"_s, source ? QJsonValue(toString(*source)) : QJsonValue() } };
}

Result<SensorSample> SensorSample::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    SensorSample sample{ .timestamp = readTime(reader, "timestamp"_L1),
                         .temperature = numberOrNaN(reader, json, "temperature"_L1),
                         .humidity = numberOrNaN(reader, json, "humidity"_L1),
                         .pressure = numberOrNaN(reader, json, "pressure"_L1) };
    if (!json["source"_L1].isNull() && json.contains("source"_L1)) {
        sample.source = sensorSourceFrom(reader.string("source"_L1));
        if (!sample.source)
            reader.fail("source"_L1, u"must be iio, thermal, ingest or simulated"_s);
    }
    return reader.finish(sample);
}

} // namespace godwit::protocol
