// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"
#include "shared/core/jsonreader.h"

#include <QJsonValue>

#include <optional>

// What the structs of this folder share: null on the wire for what has no value.
namespace godwit::protocol {

/// Null for NaN, which JSON does not have.
QJsonValue numberOrNull(double number);
/// NaN for null and for a missing member: what was not told is not known.
double numberOrNaN(JsonReader &reader, const QJsonObject &json, QLatin1StringView name);

QJsonValue timeOrNull(const std::optional<Timestamp> &time);
Timestamp readTime(JsonReader &reader, QLatin1StringView name);
/// Nothing for null and for a missing member.
std::optional<Timestamp> readOptionalTime(JsonReader &reader, const QJsonObject &json, QLatin1StringView name);

/// A list of `T::fromJson`; a missing member is an empty one.
template<class T>
QList<T> readList(JsonReader &reader, QLatin1StringView name)
{
    QList<T> list;
    const QJsonArray array = reader.array(name, QJsonArray());
    list.reserve(array.size());
    for (const auto &value : array) {
        auto item = T::fromJson(value.toObject());
        if (item)
            list.append(*std::move(item));
        else
            reader.fail(name, QStringLiteral("has a wrong item: ") + item.error().message());
    }
    return list;
}

} // namespace godwit::protocol
