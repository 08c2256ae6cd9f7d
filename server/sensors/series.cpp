// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/series.h"

namespace godwit::sensors {

Series::Series()
{
    for (const Ring::Shape &shape : ringShapes)
        m_rings.emplace_back(shape);
}

bool Series::isKnown(Timestamp at)
{
    const qint64 time = at.time_since_epoch().count();
    if (m_knownTimes.contains(time))
        return true;
    m_knownTimes.insert(time);
    m_times.push_back(time);
    if (m_times.size() > rememberedTimes) {
        m_knownTimes.remove(m_times.front());
        m_times.pop_front();
    }
    return false;
}

Series::Added Series::add(Timestamp at, double value, Times times, Timestamp now, TimePoint arrivedAt)
{
    if (times == Times::Told && isKnown(at))
        return Added::Duplicate;
    const Rollup rollup = Rollup::of(value);
    bool isKept = false;
    for (Ring &ring : m_rings)
        isKept = ring.add(at, rollup, now) || isKept;
    if (!isKept)
        return Added::TooOld;
    // One from a future that a clock has taken back is not the latest any more.
    if (!m_latest || at >= m_latest->at || m_latest->at > now + Ring::slack)
        m_latest = { .value = value, .at = at, .arrivedAt = arrivedAt };
    m_latest->arrivedAt = arrivedAt;
    return Added::New;
}

Series::Plan Series::plan(Timestamp from, std::chrono::seconds step, Timestamp now)
{
    size_t ring = 0;
    while (ring + 1 < ringShapes.size() && from < now - ringShapes[ring].span())
        ++ring;
    const auto own = ringShapes[ring].step;
    return { .ring = ring, .step = (step + own - std::chrono::seconds(1)) / own * own };
}

std::vector<Series::Point> Series::read(Timestamp from, Timestamp to, Plan plan, Timestamp now) const
{
    const Ring &ring = m_rings[plan.ring];
    const auto stepMs = std::chrono::milliseconds(plan.step).count();
    const Timestamp begin = from - std::chrono::milliseconds(from.time_since_epoch().count() % stepMs);
    std::vector<Point> points;
    for (const Bucket &bucket : ring.read(begin, to, now)) {
        const auto time = std::chrono::milliseconds(ring.shape().step * qint64(bucket.slot)).count();
        const Timestamp at{ std::chrono::milliseconds(time - time % stepMs) };
        if (points.empty() || points.back().at != at)
            points.push_back({ .at = at, .rollup = {} });
        points.back().rollup.add(bucket.rollup);
    }
    return points;
}

bool Series::isEmpty(Timestamp now) const
{
    return std::ranges::all_of(m_rings, [now](const Ring &ring) { return ring.isEmpty(now); });
}

} // namespace godwit::sensors
