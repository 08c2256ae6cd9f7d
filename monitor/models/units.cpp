// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/units.h"

#include <QCoreApplication>
#include <QLocale>

#include <array>
#include <cmath>

namespace godwit::models {

using namespace Qt::StringLiterals;

static QString number(double value, int decimals)
{
    QLocale locale;
    locale.setNumberOptions(QLocale::DefaultNumberOptions);
    return locale.toString(value, 'f', decimals);
}

/// 0.42, 4.2, 42, 1,234
static QString threeDigits(double value)
{
    const double size = std::abs(value);
    if (size == 0)
        return number(0, 0);
    return number(value, size < 0.995 ? 2 : size < 9.95 ? 1 : 0);
}

static Formatted duration(double value)
{
    if (value >= 999.5)
        return { threeDigits(value / 1000), u"s"_s };
    if (value > 0 && value < 0.0995)
        return { threeDigits(value * 1000), u"µs"_s };
    return { threeDigits(value), u"ms"_s };
}

static Formatted bytes(double value)
{
    static constexpr std::array units{ "B"_L1, "KiB"_L1, "MiB"_L1, "GiB"_L1, "TiB"_L1 };
    std::size_t unit = 0;
    while (std::abs(value) >= 1023.5 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    return { number(value, unit > 0 && std::abs(value) < 99.95 ? 1 : 0), units[unit] };
}

Formatted format(double value, Quantity quantity)
{
    if (std::isnan(value))
        return { u"\u2013"_s, {} };
    switch (quantity) {
    case Quantity::Percent:
        return { number(value, value < 99.95 ? 1 : 0), u"%"_s };
    case Quantity::Rate:
        return { threeDigits(value), u"/s"_s };
    case Quantity::Milliseconds:
        return duration(value);
    case Quantity::Count:
        return { number(value, 0), {} };
    case Quantity::Bytes:
        return bytes(value);
    }
    Q_UNREACHABLE();
}

QString Formatted::text() const
{
    if (unit.isEmpty())
        return number;
    return unit.startsWith(u'/') ? QString(number + unit) : QString(number + u'\u202f' + unit);
}

QString formatTick(double value)
{
    const double size = std::abs(value);
    if (size >= 1e6)
        return QLocale().toString(value / 1e6, 'g', 4) + u'M';
    if (size >= 1e4)
        return QLocale().toString(value / 1e3, 'g', 4) + u'k';
    return QLocale().toString(value, 'g', 4);
}

} // namespace godwit::models
