// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/tasks/cron.h"

#include <QStringList>

#include <span>

using namespace Qt::StringLiterals;
using namespace std::chrono;

namespace godwit::tasks {

namespace {

/// Feb 29 is up to eight years away, where a century leaves one out.
constexpr years horizon{ 9 };

constexpr const char *monthNames[]
    = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec" };
constexpr const char *weekdayNames[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

struct Field
{
    const char *name;
    int least, most;
    std::span<const char *const> words{}; // the first stands for least
};

constexpr Field minuteField{ .name = "minute", .least = 0, .most = 59 };
constexpr Field hourField{ .name = "hour", .least = 0, .most = 23 };
constexpr Field dayField{ .name = "day of month", .least = 1, .most = 31 };
constexpr Field monthField{ .name = "month", .least = 1, .most = 12, .words = monthNames };
constexpr Field weekdayField{ .name = "day of week", .least = 0, .most = 7, .words = weekdayNames };

Error wrongField(const Field &field, const QString &text)
{
    return {
        Error::Code::InvalidArgument,
        u"the %1 \"%2\" is none: *, or numbers from %3 to %4, in lists (1,5), ranges (1-5) and steps (*/5, 1-9/2)"_s
            .arg(QLatin1StringView(field.name), text, QString::number(field.least), QString::number(field.most))
    };
}

int numberFrom(const Field &field, const QString &text)
{
    for (size_t i = 0; i < field.words.size(); ++i) {
        if (text.compare(QLatin1StringView(field.words[i]), Qt::CaseInsensitive) == 0)
            return field.least + int(i);
    }
    bool ok = !text.startsWith(u'+') && !text.startsWith(u'-');
    const int number = ok ? text.toInt(&ok) : 0;
    if (!ok || number < field.least || number > field.most)
        throw wrongField(field, text);
    return number;
}

/// `*`, `5`, `1-5`, `*/2`, `1-9/2`
template<size_t N>
void addPart(std::bitset<N> &bits, const Field &field, const QString &part)
{
    const QString range = part.section(u'/', 0, 0);
    int from = field.least, to = field.most, step = 1;
    if (range != u"*"_s) {
        from = to = numberFrom(field, range.section(u'-', 0, 0));
        if (range.contains(u'-'))
            to = numberFrom(field, range.section(u'-', 1));
        else if (part.contains(u'/'))
            throw wrongField(field, part);
    }
    if (part.contains(u'/')) {
        bool ok = false;
        step = part.section(u'/', 1).toInt(&ok);
        if (!ok || step < 1 || step > field.most)
            throw wrongField(field, part);
    }
    if (from > to)
        throw wrongField(field, part);
    for (int i = from; i <= to; i += step)
        bits.set(size_t(i));
}

template<size_t N>
std::bitset<N> bitsFrom(const Field &field, const QString &text)
{
    std::bitset<N> bits;
    const QStringList parts = text.split(u',');
    for (const QString &part : parts)
        addPart(bits, field, part);
    return bits;
}

QString expanded(const QString &text)
{
    static constexpr std::pair<const char *, const char *> macros[]
        = { { "@yearly", "0 0 1 1 *" }, { "@annually", "0 0 1 1 *" }, { "@monthly", "0 0 1 * *" },
            { "@weekly", "0 0 * * 0" }, { "@daily", "0 0 * * *" },    { "@midnight", "0 0 * * *" },
            { "@hourly", "0 * * * *" } };
    for (const auto &[name, meaning] : macros) {
        if (text.compare(QLatin1StringView(name), Qt::CaseInsensitive) == 0)
            return QString::fromLatin1(meaning);
    }
    return text;
}

seconds offsetAt(const QTimeZone &zone, sys_time<minutes> at)
{
    return seconds(zone.offsetFromUtc(QDateTime::fromSecsSinceEpoch(seconds(at.time_since_epoch()).count(), Qt::UTC)));
}

/// Between two changes of the clocks, of which the latter is none of it any more.
struct Span
{
    sys_time<minutes> begin = sys_time<minutes>::min(), end = sys_time<minutes>::max();
};

Span spanAround(const QTimeZone &zone, sys_time<minutes> at)
{
    Span span;
    const auto toMinutes = [](const QDateTime &time) {
        return ceil<minutes>(sys_time<milliseconds>(milliseconds(time.toMSecsSinceEpoch())));
    };
    const QDateTime moment = QDateTime::fromSecsSinceEpoch(seconds(at.time_since_epoch()).count(), Qt::UTC);
    if (const auto before = zone.previousTransition(moment.addMSecs(1)); before.atUtc.isValid())
        span.begin = toMinutes(before.atUtc);
    if (const auto after = zone.nextTransition(moment); after.atUtc.isValid())
        span.end = toMinutes(after.atUtc);
    return span;
}

} // namespace

Result<Cron> Cron::parse(const QString &text)
{
    const QStringList fields = expanded(text.trimmed()).split(u' ', Qt::SkipEmptyParts);
    constexpr qsizetype fieldCount = 5;
    if (fields.size() != fieldCount)
        return failure(Error::Code::InvalidArgument,
                       u"must be five fields (minute, hour, day of month, month, day of week), or @hourly, @daily, "
                       "@weekly, @monthly or @yearly"_s);
    Cron cron;
    try {
        cron.m_minutes = bitsFrom<60>(minuteField, fields[0]);
        cron.m_hours = bitsFrom<24>(hourField, fields[1]);
        cron.m_days = bitsFrom<32>(dayField, fields[2]);
        cron.m_months = bitsFrom<13>(monthField, fields[3]);
        cron.m_weekdays = bitsFrom<8>(weekdayField, fields[4]);
    } catch (const Error &error) {
        return Failure(error);
    }
    if (cron.m_weekdays.test(7))
        cron.m_weekdays.set(0);
    cron.m_anyDay = fields[2].startsWith(u'*');
    cron.m_anyWeekday = fields[4].startsWith(u'*');
    cron.m_hasFixedTimes = !fields[0].startsWith(u'*') && !fields[1].startsWith(u'*');
    return cron;
}

bool Cron::matchesDay(local_days day) const
{
    const year_month_day date(day);
    if (!m_months.test(unsigned(date.month())))
        return false;
    const bool isDay = m_days.test(unsigned(date.day()));
    const bool isWeekday = m_weekdays.test(weekday(day).c_encoding());
    return m_anyDay || m_anyWeekday ? isDay && isWeekday : isDay || isWeekday;
}

bool Cron::matches(LocalTime local) const
{
    const auto day = floor<days>(local);
    const hh_mm_ss time(local - day);
    return m_hours.test(size_t(time.hours().count())) && m_minutes.test(size_t(time.minutes().count()))
        && matchesDay(day);
}

/// The first from @p from on and before @p end.
std::optional<Cron::LocalTime> Cron::nextLocal(LocalTime from, LocalTime end) const
{
    for (local_days day = floor<days>(from); day < end; day += days(1)) {
        if (!matchesDay(day))
            continue;
        for (LocalTime hour = std::max(LocalTime(day), LocalTime(floor<hours>(from))); hour < day + days(1);
             hour += hours(1)) {
            if (!m_hours.test(size_t(duration_cast<hours>(hour - day).count())))
                continue;
            for (LocalTime time = std::max(hour, from); time < hour + hours(1); time += minutes(1)) {
                if (m_minutes.test(size_t((time - hour).count())))
                    return time < end ? std::optional(time) : std::nullopt;
            }
        }
    }
    return {};
}

std::optional<Timestamp> Cron::next(Timestamp after, const QTimeZone &zone) const
{
    auto from = floor<minutes>(after) + minutes(1);
    const auto last = from + duration_cast<minutes>(horizon);
    while (from < last) {
        const Span span = spanAround(zone, from);
        const seconds offset = offsetAt(zone, from);
        const auto toLocal = [](sys_time<minutes> time, seconds by) {
            return floor<minutes>(local_time<seconds>(seconds(time.time_since_epoch()) + by));
        };
        LocalTime start = toLocal(from, offset);
        if (m_hasFixedTimes && span.begin > sys_time<minutes>::min()) {
            const LocalTime shown = toLocal(span.begin, offsetAt(zone, span.begin - minutes(1)));
            // Left out: made up for at once. Shown for the second time: over.
            if (span.begin == from && nextLocal(shown, start))
                return time_point_cast<milliseconds>(from);
            start = std::max(start, shown);
        }
        const auto end = std::min(span.end, last);
        if (const auto found = nextLocal(start, toLocal(end, offset)))
            return time_point_cast<milliseconds>(from + (*found - toLocal(from, offset)));
        from = span.end;
    }
    return {};
}

} // namespace godwit::tasks
