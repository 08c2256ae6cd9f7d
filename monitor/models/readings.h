// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/models/metricshistory.h"
#include "shared/protocol/sensors.h"

namespace godwit::models {

/// What is drawn of one quantity. The lowest and the highest are only known of the past.
struct ReadingLines
{
    QList<PlotPoint> average{}, least{}, most{};
};

inline constexpr int readingCount = 3; ///< temperature, humidity, pressure

/// `items` of GET /api/readings, with a break where a span has none.
Result<ReadingLines> readingLines(const QJsonObject &json);

/// The samples of /ws/realtime of the last minutes. A sample that is not newer than the one before is the same
/// measurement told again, and dropped; an older one means that the server's clock was set back: it begins anew. So it
/// does where the source is another, as lines of two sources do not belong together.
class LiveReadings
{
public:
    static constexpr std::chrono::minutes kept{ 15 };

    explicit LiveReadings(const Clock &clock = Clock::system()) : m_clock(clock) { }

    void add(const protocol::SensorSample &sample);

    bool isEmpty() const { return m_samples.empty(); }
    const protocol::SensorSample &latest() const { return m_latest; }
    /// The server's time of day now, by the last sample.
    Timestamp now() const;
    /// Nothing has come for some seconds.
    bool isStale() const;
    /// @param reading 0 to readingCount - 1.
    /// @param before of the history: what it has from before the first sample stands before that.
    ReadingLines lines(int reading, Timestamp from, const ReadingLines &before = {}) const;
    static double value(const protocol::SensorSample &sample, int reading);

private:
    const Clock &m_clock;
    std::deque<protocol::SensorSample> m_samples;
    protocol::SensorSample m_latest;
    TimePoint m_latestCame{};
};

} // namespace godwit::models
