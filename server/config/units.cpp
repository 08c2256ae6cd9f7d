// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/units.h"

#include <array>
#include <limits>
#include <utility>

using namespace Qt::StringLiterals;

namespace godwit::config {

namespace {

struct Unit
{
    QLatin1StringView name;
    qint64 factor;
};

// From small to large.
constexpr std::array durationUnits{ Unit{ "ms"_L1, 1 }, Unit{ "s"_L1, 1000 }, Unit{ "m"_L1, 60'000 },
                                    Unit{ "h"_L1, 3'600'000 }, Unit{ "d"_L1, 86'400'000 } };
constexpr std::array binaryUnits{ Unit{ "B"_L1, 1 }, Unit{ "KiB"_L1, 1 << 10 }, Unit{ "MiB"_L1, 1 << 20 },
                                  Unit{ "GiB"_L1, 1 << 30 } };
constexpr std::array decimalUnits{ Unit{ "kB"_L1, 1'000 }, Unit{ "MB"_L1, 1'000'000 }, Unit{ "GB"_L1, 1'000'000'000 } };

struct Measure
{
    qint64 number = -1;
    QString unit;
};

Measure measureFrom(const QString &text)
{
    qsizetype digits = 0;
    while (digits < text.size() && text[digits] >= u'0' && text[digits] <= u'9')
        ++digits;
    bool ok = false;
    const qint64 number = text.left(digits).toLongLong(&ok);
    return { ok ? number : -1, text.mid(digits).trimmed() };
}

template<size_t N>
qint64 inUnits(const Measure &measure, const std::array<Unit, N> &units)
{
    for (const Unit &unit : units) {
        if (measure.unit == unit.name && measure.number >= 0
            && measure.number <= std::numeric_limits<qint64>::max() / unit.factor)
            return measure.number * unit.factor;
    }
    return -1;
}

template<size_t N>
QString shortest(qint64 value, const std::array<Unit, N> &units)
{
    for (size_t i = N; i-- > 0;) {
        if (value % units[i].factor == 0)
            return QString::number(value / units[i].factor) + units[i].name;
    }
    return QString::number(value);
}

} // namespace

Result<std::chrono::milliseconds> durationFrom(const QString &text)
{
    const Measure measure = measureFrom(text.trimmed());
    if (measure.number == 0 && measure.unit.isEmpty())
        return std::chrono::milliseconds(0);
    const qint64 milliseconds = inUnits(measure, durationUnits);
    if (milliseconds < 0)
        return failure(Error::Code::InvalidArgument, u"not a duration"_s);
    return std::chrono::milliseconds(milliseconds);
}

QString toText(std::chrono::milliseconds duration)
{
    return duration.count() == 0 ? u"0s"_s : shortest(duration.count(), durationUnits);
}

Result<qint64> sizeFrom(const QString &text)
{
    const Measure measure = measureFrom(text.trimmed());
    const qint64 bytes = measure.unit.isEmpty()
        ? measure.number
        : std::max(inUnits(measure, binaryUnits), inUnits(measure, decimalUnits));
    if (bytes < 0)
        return failure(Error::Code::InvalidArgument, u"not a size"_s);
    return bytes;
}

QString sizeToText(qint64 bytes)
{
    return bytes == 0 ? u"0B"_s : shortest(bytes, binaryUnits);
}

} // namespace godwit::config
