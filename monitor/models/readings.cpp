// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/readings.h"

#include "shared/protocol/jsonfields.h"

#include <cmath>

namespace godwit::models {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

static constexpr auto gapAfter = 5s; // of samples that come once a second

Result<ReadingLines> readingLines(const QJsonObject &json)
{
    JsonReader reader(json);
    ReadingLines lines;
    const auto step = std::chrono::seconds(reader.integer("step"_L1));
    std::optional<Timestamp> last;
    const QJsonArray items = reader.array("items"_L1);
    for (const auto &value : items) {
        JsonReader item(value.toObject());
        const Timestamp at = protocol::readTime(item, "timestamp"_L1);
        if (last && at - *last > 2 * step) {
            for (auto *line : { &lines.average, &lines.least, &lines.most })
                line->append({ .time = *last + step, .value = std::nan("") });
        }
        last = at;
        lines.average.append({ .time = at, .value = item.number("avg"_L1) });
        lines.least.append({ .time = at, .value = item.number("min"_L1) });
        lines.most.append({ .time = at, .value = item.number("max"_L1) });
        if (const auto read = item.finish(true); !read)
            return Failure(read.error());
    }
    return reader.finish(std::move(lines));
}

void LiveReadings::add(const protocol::SensorSample &sample)
{
    m_latestCame = m_clock.now();
    const bool isOther = m_latest.source != sample.source || sample.timestamp < m_latest.timestamp;
    if (isOther)
        m_samples.clear();
    m_latest = sample;
    if (!m_samples.empty() && m_samples.back().timestamp == sample.timestamp)
        return;
    m_samples.push_back(sample);
    while (m_samples.front().timestamp < sample.timestamp - kept)
        m_samples.pop_front();
}

Timestamp LiveReadings::now() const
{
    return m_latest.timestamp + std::chrono::duration_cast<std::chrono::milliseconds>(m_clock.now() - m_latestCame);
}

bool LiveReadings::isStale() const
{
    return isEmpty() || m_clock.now() - m_latestCame > gapAfter;
}

double LiveReadings::value(const protocol::SensorSample &sample, int reading)
{
    return reading == 0 ? sample.temperature : reading == 1 ? sample.humidity : sample.pressure;
}

ReadingLines LiveReadings::lines(int reading, Timestamp from, const ReadingLines &before) const
{
    ReadingLines lines;
    std::optional<Timestamp> last;
    for (const PlotPoint &point : before.average) {
        if (point.time >= from && (isEmpty() || point.time < m_samples.front().timestamp)) {
            lines.average.append(point);
            last = point.time;
        }
    }
    for (const protocol::SensorSample &sample : m_samples) {
        if (sample.timestamp < from)
            continue;
        if (last && sample.timestamp - *last > gapAfter)
            lines.average.append({ .time = *last + 1s, .value = std::nan("") });
        last = sample.timestamp;
        lines.average.append({ .time = sample.timestamp, .value = value(sample, reading) });
    }
    return lines;
}

} // namespace godwit::models
