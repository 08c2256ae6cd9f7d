// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/metricshistory.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace godwit::models {

using std::chrono::milliseconds;

static constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

MetricsPoint MetricsPoint::of(const protocol::MetricsSample &sample)
{
    return { .time = sample.timestamp,
             .values
             = { sample.cpuUsage, sample.memoryUsage, sample.requestsPerSecond, sample.errorsPerSecond, sample.p50Ms,
                 sample.p99Ms, static_cast<double>(sample.httpConnections), static_cast<double>(sample.sseConnections),
                 static_cast<double>(sample.webSocketConnections) } };
}

MetricsHistory::MetricsHistory(const Clock &clock, QObject *parent) : QObject(parent), m_clock(clock) { }

void MetricsHistory::add(const protocol::MetricsSample &sample)
{
    if (!m_points.empty() && sample.timestamp <= m_points.back().time) {
        if (m_points.back().time - sample.timestamp <= gapAfter)
            return;
        m_points.clear();
    }
    m_points.push_back(MetricsPoint::of(sample));
    if (size() > capacity)
        m_points.pop_front();
    m_latest = sample;
    m_latestCame = m_clock.now();
    Q_EMIT added();
}

void MetricsHistory::clear()
{
    m_points.clear();
    m_latest = {};
}

Timestamp MetricsHistory::now() const
{
    if (m_points.empty())
        return m_clock.timestamp();
    return m_points.back().time + std::chrono::duration_cast<milliseconds>(m_clock.now() - m_latestCame);
}

bool MetricsHistory::isStale() const
{
    return m_points.empty() || m_clock.now() - m_latestCame > gapAfter;
}

std::deque<MetricsPoint>::const_iterator MetricsHistory::firstAt(Timestamp time) const
{
    return std::lower_bound(m_points.begin(), m_points.end(), time,
                            [](const MetricsPoint &point, Timestamp at) { return point.time < at; });
}

const MetricsPoint *MetricsHistory::nearest(Timestamp time) const
{
    const auto after = firstAt(time);
    const MetricsPoint *best = after == m_points.end() ? nullptr : &*after;
    if (after != m_points.begin()) {
        const MetricsPoint &before = *std::prev(after);
        if (!best || time - before.time <= best->time - time)
            best = &before;
    }
    return best && std::chrono::abs(best->time - time) <= gapAfter / 2 ? best : nullptr;
}

namespace {

/// The lowest and the highest of a slice of time, in the order in which they came.
class Slice
{
public:
    void add(const PlotPoint &point)
    {
        if (!m_count++) {
            m_low = m_high = point;
        } else if (point.value < m_low.value) {
            m_low = point;
        } else if (point.value > m_high.value) {
            m_high = point;
        }
    }
    void flush(QList<PlotPoint> &line)
    {
        if (m_count == 1) {
            line.append(m_low);
        } else if (m_count > 1) {
            line.append(m_low.time <= m_high.time ? m_low : m_high);
            line.append(m_low.time <= m_high.time ? m_high : m_low);
        }
        m_count = 0;
    }

private:
    int m_count = 0;
    PlotPoint m_low, m_high;
};

} // namespace

QList<PlotPoint> MetricsHistory::series(Metric metric, Timestamp from, Timestamp to, qsizetype limit) const
{
    // One point more on each side, so that the line reaches the edges of the picture.
    auto first = firstAt(from);
    if (first != m_points.begin())
        --first;
    auto last = firstAt(to);
    if (last != m_points.end())
        ++last;

    const bool isThinned = std::distance(first, last) > limit;
    const milliseconds slice = std::max<milliseconds>(milliseconds(1), (to - from) * 2 / std::max<qsizetype>(limit, 2));
    QList<PlotPoint> line;
    Slice current;
    qint64 currentIndex = 0;
    for (auto point = first; point != last; ++point) {
        if (point != first && point->time - std::prev(point)->time > gapAfter) {
            current.flush(line);
            line.append({ .time = std::prev(point)->time + milliseconds(1), .value = nothing });
        }
        const PlotPoint next{ .time = point->time, .value = (*point)[metric] };
        const qint64 index = point->time.time_since_epoch() / slice;
        if (!isThinned || std::isnan(next.value) || index != currentIndex)
            current.flush(line);
        currentIndex = index;
        if (std::isnan(next.value))
            line.append(next);
        else
            current.add(next);
    }
    current.flush(line);
    return line;
}

QList<MetricsGap> MetricsHistory::gaps(Timestamp from, Timestamp to) const
{
    QList<MetricsGap> gaps;
    if (m_points.empty())
        return gaps;
    auto point = firstAt(from);
    if (point == m_points.begin())
        ++point;
    for (; point != m_points.end() && std::prev(point)->time < to; ++point) {
        if (point->time - std::prev(point)->time > gapAfter)
            gaps.append({ .from = std::prev(point)->time, .to = point->time });
    }
    if (to - m_points.back().time > gapAfter)
        gaps.append({ .from = std::max(m_points.back().time, Timestamp{}), .to = to });
    return gaps;
}

} // namespace godwit::models
