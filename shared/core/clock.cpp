// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/core/clock.h"

#include <cstdio>

namespace godwit {

const Clock &Clock::system()
{
    static const Clock clock;
    return clock;
}

QByteArray toRfc3339Bytes(Timestamp time)
{
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    char text[40];
    const int length
        = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(date.year()),
                        unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                        int(clock.minutes().count()), int(clock.seconds().count()), int(clock.subseconds().count()));
    return QByteArray(text, length);
}

QString toRfc3339(Timestamp time)
{
    return QString::fromLatin1(toRfc3339Bytes(time));
}

std::optional<Timestamp> fromRfc3339(const QString &text)
{
    const QDateTime time = QDateTime::fromString(text, Qt::ISODateWithMs);
    if (!time.isValid() || time.timeSpec() == Qt::LocalTime)
        return std::nullopt;
    return Timestamp(std::chrono::milliseconds(time.toMSecsSinceEpoch()));
}

} // namespace godwit
