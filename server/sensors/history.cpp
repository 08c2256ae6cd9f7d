// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/history.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::sensors {

Result<History::Entry *> History::claim(const Reading &reading)
{
    const auto found = m_series.constFind(reading.series);
    if (found == m_series.constEnd()) {
        if (m_series.size() >= m_most)
            return failure(Error::Code::Conflict,
                           u"there are %1 series already, the most that [sensors] series allows"_s.arg(m_most));
        const SeriesName name{ .name = reading.series, .unit = reading.unit, .source = reading.source };
        return m_series.insert(reading.series, std::make_shared<Entry>(Entry{ .series = name, .values = {} }))->get();
    }
    Entry &entry = **found;
    if (entry.series.source != reading.source)
        return failure(Error::Code::Conflict,
                       u"\"series\" %1 is of the source %2"_s.arg(reading.series, toString(entry.series.source)));
    if (!reading.unit.isEmpty() && reading.unit != entry.series.unit) {
        if (!entry.series.unit.isEmpty())
            return failure(Error::Code::Conflict,
                           u"\"unit\" of the series %1 is %2"_s.arg(reading.series, entry.series.unit));
        entry.series.unit = reading.unit;
    }
    return &entry;
}

static Error outside()
{
    return { Error::Code::FailedValidation, u"\"timestamp\" must be of the last 30 days and not of the future"_s };
}

Result<History::Taken> History::add(const Reading &reading)
{
    const Timestamp now = m_clock.timestamp();
    const Timestamp at = reading.at.value_or(now);
    // Before a series is made of it.
    if (at > now + Ring::slack || at < now - ringShapes.back().span())
        return Failure(outside());
    const std::scoped_lock lock(m_mutex);
    const auto entry = claim(reading);
    if (!entry)
        return Failure(entry.error());
    const auto times = reading.at ? Series::Times::Told : Series::Times::OfArrival;
    const auto added = (*entry)->values.add(at, reading.value, times, now, m_clock.now());
    if (added == Series::Added::TooOld)
        return Failure(outside());
    return Taken{ .series = (*entry)->series, .at = at, .isDuplicate = added == Series::Added::Duplicate };
}

QList<History::Present> History::list() const
{
    QList<Present> list;
    {
        const std::scoped_lock lock(m_mutex);
        for (const auto &entry : m_series)
            list.append({ .series = entry->series, .latest = entry->values.latest() });
    }
    std::ranges::sort(list, {}, [](const Present &present) { return present.series.name; });
    return list;
}

std::optional<History::Present> History::find(const QString &series) const
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_series.constFind(series);
    if (found == m_series.constEnd())
        return {};
    return Present{ .series = (*found)->series, .latest = (*found)->values.latest() };
}

int History::size() const
{
    const std::scoped_lock lock(m_mutex);
    return int(m_series.size());
}

Result<History::Answer> History::read(const QString &series, Timestamp from, Timestamp to,
                                      std::chrono::seconds step) const
{
    const Timestamp now = m_clock.timestamp();
    const auto plan = Series::plan(from, step, now);
    const Timestamp begin = std::max(from, now - ringShapes.back().span());
    const Timestamp end = std::min(to, now + Ring::slack);
    if ((end - begin) / plan.step > mostPoints)
        return failure(Error::Code::InvalidArgument,
                       u"\"step\" must be larger for so long a time: at most %1 points are given"_s.arg(mostPoints));
    const std::scoped_lock lock(m_mutex);
    const auto found = m_series.constFind(series);
    if (found == m_series.constEnd())
        return failure(Error::Code::NotFound, u"there is no series \"%1\""_s.arg(series));
    return Answer{ .series = (*found)->series,
                   .step = plan.step,
                   .points = (*found)->values.read(begin, end, plan, now) };
}

std::vector<Unsaved> History::takeUnsaved()
{
    std::vector<Unsaved> all;
    const std::scoped_lock lock(m_mutex);
    for (const auto &entry : std::as_const(m_series)) {
        Unsaved unsaved{ .series = entry->series, .buckets = {} };
        bool isAny = false;
        const auto rings = entry->values.rings();
        for (size_t i = 0; i < rings.size(); ++i) {
            unsaved.buckets[i] = rings[i].takeChanged();
            isAny = isAny || !unsaved.buckets[i].empty();
        }
        if (isAny)
            all.push_back(std::move(unsaved));
    }
    return all;
}

void History::putBack(const std::vector<Unsaved> &all)
{
    const std::scoped_lock lock(m_mutex);
    for (const Unsaved &unsaved : all) {
        const auto found = m_series.constFind(unsaved.series.name);
        if (found == m_series.constEnd())
            continue;
        for (size_t i = 0; i < unsaved.buckets.size(); ++i)
            (*found)->values.rings()[i].putBack(unsaved.buckets[i]);
    }
}

void History::restore(const SeriesName &series)
{
    const std::scoped_lock lock(m_mutex);
    auto &entry = m_series[series.name];
    if (!entry)
        entry = std::make_shared<Entry>();
    entry->series = series;
}

void History::restore(const QString &series, size_t ring, const Bucket &bucket)
{
    const Timestamp now = m_clock.timestamp();
    const std::scoped_lock lock(m_mutex);
    const auto found = m_series.constFind(series);
    if (found != m_series.constEnd() && ring < ringShapes.size())
        (*found)->values.rings()[ring].restore(bucket, now);
}

QStringList History::dropEmpty()
{
    const Timestamp now = m_clock.timestamp();
    QStringList dropped;
    const std::scoped_lock lock(m_mutex);
    m_series.removeIf([&](const QHash<QString, std::shared_ptr<Entry>>::iterator &item) {
        const bool isEmpty = (*item)->values.isEmpty(now);
        if (isEmpty)
            dropped.append(item.key());
        return isEmpty;
    });
    return dropped;
}

} // namespace godwit::sensors
