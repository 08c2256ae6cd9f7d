// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/metrics.h"

#include <QList>
#include <QObject>

#include <array>
#include <deque>

namespace godwit::models {

/// The figures that are drawn.
enum class Metric { Cpu, Memory, Requests, Errors, P50, P99, Http, Sse, WebSocket };
inline constexpr int metricCount = 9;

/// One second of all of them; NaN where there was nothing to measure.
struct MetricsPoint
{
    Timestamp time{};
    std::array<double, metricCount> values{};

    double operator[](Metric metric) const { return values[static_cast<std::size_t>(metric)]; }
    static MetricsPoint of(const protocol::MetricsSample &sample);
};

/// A stretch of time without samples.
struct MetricsGap
{
    Timestamp from{}, to{};

    bool operator==(const MetricsGap &) const = default;
};

/// A point of a line; a NaN value breaks the line there.
struct PlotPoint
{
    Timestamp time{};
    double value = 0;
};

/// What came over the metrics stream in the last hour. Times are the server's; "now" is the last sample's time plus
/// what has passed here since it came, so that a server with another clock is drawn rightly.
class MetricsHistory : public QObject
{
    Q_OBJECT

public:
    static constexpr qsizetype capacity = 3600; ///< an hour of samples
    static constexpr std::chrono::milliseconds gapAfter{ 3000 }; ///< samples come once a second

    explicit MetricsHistory(const Clock &clock = Clock::system(), QObject *parent = nullptr);

    /// A sample that is not newer than the last one is dropped; one that is older by more than a gap means that the
    /// server's clock was set back: the history begins anew.
    void add(const protocol::MetricsSample &sample);
    void clear();

    bool isEmpty() const { return m_points.empty(); }
    qsizetype size() const { return static_cast<qsizetype>(m_points.size()); }
    /// The last sample, whole; a default one if there is none.
    const protocol::MetricsSample &latest() const { return m_latest; }
    /// The server's time of day now, by the last sample; our own without one.
    Timestamp now() const;
    /// No sample for longer than gapAfter, or none at all.
    bool isStale() const;

    /// The point nearest to @p time, if one is at most half a gap away.
    const MetricsPoint *nearest(Timestamp time) const;
    /// Between @p from and @p to, with a break in each gap, thinned to about @p limit points: of each slice of time the
    /// lowest and the highest remain, so that no peak is lost. Slices are cut by the clock and not by the first point:
    /// the line does not flicker while it moves.
    QList<PlotPoint> series(Metric metric, Timestamp from, Timestamp to, qsizetype limit) const;
    /// Those that touch [from, to], not cut to it; also the one that is still open at @p to.
    QList<MetricsGap> gaps(Timestamp from, Timestamp to) const;

Q_SIGNALS:
    void added();

private:
    std::deque<MetricsPoint>::const_iterator firstAt(Timestamp time) const;

    const Clock &m_clock;
    std::deque<MetricsPoint> m_points;
    protocol::MetricsSample m_latest;
    TimePoint m_latestCame{};
};

} // namespace godwit::models
