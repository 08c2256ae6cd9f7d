// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/sensors/series.h"

#include <QHash>
#include <QList>

#include <memory>
#include <mutex>

namespace godwit::sensors {

struct Reading
{
    QString series;
    double value = 0;
    QString unit{}; ///< empty: that of the series
    std::optional<Timestamp> at{}; ///< when it was measured; none: now
    protocol::SensorSource source = protocol::SensorSource::Ingest;
};

/// What has to go to the disk of one series.
struct Unsaved
{
    SeriesName series;
    std::array<std::vector<Bucket>, ringShapes.size()> buckets; ///< as they are now, not what was added
};

/// All series. A table behind a short lock: all functions from any thread.
class History
{
public:
    struct Present
    {
        SeriesName series;
        std::optional<Latest> latest;
    };
    struct Answer
    {
        SeriesName series;
        std::chrono::seconds step;
        std::vector<Series::Point> points;
    };

    /// @param most series; @p clock must outlive this.
    History(int most, const Clock &clock) : m_most(most), m_clock(clock) { }

    struct Taken
    {
        SeriesName series;
        Timestamp at;
        bool isDuplicate = false;
    };
    /// Error::FailedValidation for a time that is not kept, Error::Conflict for another unit or source than the series
    /// has, and for one series too many.
    Result<Taken> add(const Reading &reading);

    QList<Present> list() const; ///< in order of their names
    std::optional<Present> find(const QString &series) const;
    int size() const;
    int most() const { return m_most; }

    /// Error::NotFound; Error::InvalidArgument for a step that would give more than mostPoints.
    Result<Answer> read(const QString &series, Timestamp from, Timestamp to, std::chrono::seconds step) const;
    static constexpr qint64 mostPoints = 10'000;

    /// What has changed since the last time.
    std::vector<Unsaved> takeUnsaved();
    void putBack(const std::vector<Unsaved> &unsaved);
    /// What was stored before the start. One that is known has its unit and source from now on.
    void restore(const SeriesName &series);
    void restore(const QString &series, size_t ring, const Bucket &bucket);
    /// Forgets series of which nothing is kept any more. @return their names.
    QStringList dropEmpty();

private:
    struct Entry
    {
        SeriesName series;
        Series values;
    };
    Result<Entry *> claim(const Reading &reading);

    const int m_most;
    const Clock &m_clock;
    mutable std::mutex m_mutex; // guards all below
    QHash<QString, std::shared_ptr<Entry>> m_series; // shared only as QHash asks for copies
};

} // namespace godwit::sensors
