// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/jsonfields.h"

#include <cmath>
#include <limits>

using namespace Qt::StringLiterals;

namespace godwit::protocol {

QJsonValue numberOrNull(double number)
{
    return std::isfinite(number) ? QJsonValue(number) : QJsonValue(QJsonValue::Null);
}

double numberOrNaN(JsonReader &reader, const QJsonObject &json, QLatin1StringView name)
{
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    return json.value(name).isNull() ? unknown : reader.number(name, unknown);
}

QJsonValue timeOrNull(const std::optional<Timestamp> &time)
{
    return time ? QJsonValue(toRfc3339(*time)) : QJsonValue(QJsonValue::Null);
}

Timestamp readTime(JsonReader &reader, QLatin1StringView name)
{
    const QString text = reader.string(name);
    const auto time = fromRfc3339(text);
    if (!time)
        reader.fail(name, u"must be a time as in RFC 3339"_s);
    return time.value_or(Timestamp{});
}

std::optional<Timestamp> readOptionalTime(JsonReader &reader, const QJsonObject &json, QLatin1StringView name)
{
    const QJsonValue value = json.value(name);
    if (value.isNull() || value.isUndefined())
        return std::nullopt;
    return readTime(reader, name);
}

} // namespace godwit::protocol
