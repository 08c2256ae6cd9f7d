// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/seriesname.h"

#include <QRegularExpression>

#include <array>

using namespace Qt::StringLiterals;

namespace godwit::sensors {

bool isSeriesName(const QString &name)
{
    static const QRegularExpression form(u"\\A[a-z0-9][a-z0-9_.-]{0,63}\\z"_s);
    return form.match(name).hasMatch();
}

QString seriesNameRule()
{
    return u"must have 1 to 64 of a-z, 0-9, _, - and ., and begin with a letter or digit"_s;
}

bool isReservedSeriesName(const QString &name)
{
    return name.startsWith("iio."_L1) || name.startsWith("thermal."_L1) || name.startsWith("simulated."_L1);
}

std::optional<sysfs::Quantity> quantityOf(const QString &series)
{
    constexpr std::array all{ sysfs::Quantity::Temperature, sysfs::Quantity::Humidity, sysfs::Quantity::Pressure };
    for (const auto quantity : all) {
        if (series == sysfs::nameOf(quantity))
            return quantity;
    }
    return {};
}

} // namespace godwit::sensors
