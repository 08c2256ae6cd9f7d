// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/sensors/ring.h"
#include "shared/protocol/sensors.h"

#include <QSet>
#include <QString>

#include <deque>
#include <span>

namespace godwit::sensors {

/// What is kept of each series, the finest first: an hour of seconds, a day of tens, thirty days of minutes.
inline constexpr std::array<Ring::Shape, 3> ringShapes{ {
    { .step = std::chrono::seconds(1), .capacity = 3'600 },
    { .step = std::chrono::seconds(10), .capacity = 8'640 },
    { .step = std::chrono::seconds(60), .capacity = 43'200 },
} };

/// What names a series, and what it is of.
struct SeriesName
{
    QString name;
    QString unit{};
    protocol::SensorSource source = protocol::SensorSource::Ingest;
};

/// The present of a series.
struct Latest
{
    double value = 0;
    Timestamp at{}; ///< when it was measured
    TimePoint arrivedAt{}; ///< when the last one of all came, however old it was

    /// Whether it says anything of the present: measured and come within @p staleAfter, so that neither a sensor that
    /// is silent nor a past that is sent later is taken for now.
    bool isPresent(const Clock &clock, std::chrono::milliseconds staleAfter) const
    {
        return clock.now() - arrivedAt < staleAfter && clock.timestamp() - at < staleAfter;
    }
};

/// One quantity of one place over time. Not for several threads.
class Series
{
public:
    /// How it is asked for: from the ring of that step, summed up in spans of a multiple of it.
    struct Plan
    {
        size_t ring = 0;
        std::chrono::seconds step{ 1 };
    };
    struct Point
    {
        Timestamp at;
        Rollup rollup;
    };

    Series();

    /// A reading whose time its sensor has told counts once, as long as it is among the last of those.
    enum class Times { Told, OfArrival };
    enum class Added { New, Duplicate, TooOld };
    Added add(Timestamp at, double value, Times times, Timestamp now, TimePoint arrivedAt);

    /// The finest ring that goes back as far as @p from, and at least @p step rounded up to its own.
    static Plan plan(Timestamp from, std::chrono::seconds step, Timestamp now);
    std::vector<Point> read(Timestamp from, Timestamp to, Plan plan, Timestamp now) const;

    const std::optional<Latest> &latest() const { return m_latest; } ///< none since the start of the program
    bool isEmpty(Timestamp now) const;

    std::span<Ring> rings() { return m_rings; } ///< in the order of ringShapes

private:
    static constexpr size_t rememberedTimes = 1'024;
    bool isKnown(Timestamp at);

    std::vector<Ring> m_rings;
    std::optional<Latest> m_latest;
    std::deque<qint64> m_times; // the last ones that were told
    QSet<qint64> m_knownTimes; // the same
};

} // namespace godwit::sensors
