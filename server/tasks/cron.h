// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"
#include "shared/core/result.h"

#include <QTimeZone>

#include <bitset>
#include <optional>

namespace godwit::tasks {

/// A cron expression, as crontab(5) of Vixie cron has it: minute, hour, day of month, month, day of week; each `*`, a
/// number, a range, a list of those, and with `/n` each n-th of a range or of `*`. Months and days of the week by their
/// first three letters too; Sunday is 0 and 7. Where both days are given, one of the two is enough. `@yearly`
/// (`@annually`), `@monthly`,
/// `@weekly`, `@daily` (`@midnight`) and `@hourly` stand for what they say.
///
/// Where clocks are changed: an expression of fixed times (neither minute nor hour begins with `*`) comes once for each
/// of its times: those that are left out when clocks go forward come at the moment of the change, and those that come
/// twice when clocks go back count the first time. Any other goes by what the clock shows. A value; any thread.
class Cron
{
public:
    /// Error::InvalidArgument says what is wrong.
    static Result<Cron> parse(const QString &text);

    /// The first time after @p after, a whole minute. Nothing if there is none within nine years: a 30th of February.
    std::optional<Timestamp> next(Timestamp after, const QTimeZone &zone) const;

    /// Whether a clock that shows this time is meant.
    bool matches(std::chrono::local_time<std::chrono::minutes> local) const;
    bool hasFixedTimes() const { return m_hasFixedTimes; }

private:
    using LocalTime = std::chrono::local_time<std::chrono::minutes>;

    bool matchesDay(std::chrono::local_days day) const;
    std::optional<LocalTime> nextLocal(LocalTime from, LocalTime end) const;

    std::bitset<60> m_minutes;
    std::bitset<24> m_hours;
    std::bitset<32> m_days; // of the month, from 1
    std::bitset<13> m_months; // from 1
    std::bitset<8> m_weekdays; // from Sunday
    bool m_anyDay = false, m_anyWeekday = false; // given as `*`
    bool m_hasFixedTimes = false;
};

} // namespace godwit::tasks
