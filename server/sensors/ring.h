// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"

#include <array>
#include <memory>
#include <set>
#include <vector>

namespace godwit::sensors {

/// What several readings were together.
struct Rollup
{
    quint32 count = 0;
    double min = 0, max = 0, sum = 0;

    static Rollup of(double value) { return { .count = 1, .min = value, .max = value, .sum = value }; }
    void add(const Rollup &other);
    double average() const { return sum / count; }
};

/// Those of the span that begins at slot * step after 1970.
struct Bucket
{
    quint32 slot = 0;
    Rollup rollup{}; ///< count 0: empty
};

/// Buckets of one width, as many as go back `capacity` of them from now. Late readings find their bucket; what is
/// older, or further ahead than a clock may be wrong, is refused. Memory grows by pages up to the capacity. Time is
/// given.
class Ring
{
public:
    struct Shape
    {
        std::chrono::seconds step;
        quint32 capacity;
        std::chrono::seconds span() const { return step * capacity; }
    };

    explicit Ring(Shape shape);

    const Shape &shape() const { return m_shape; }

    /// False outside of what is kept at @p now.
    bool add(Timestamp at, const Rollup &rollup, Timestamp now);
    /// Those that begin in [@p from, @p to), in order, but for the empty ones.
    std::vector<Bucket> read(Timestamp from, Timestamp to, Timestamp now) const;
    bool isEmpty(Timestamp now) const; ///< nothing of it is kept any more

    /// What a store gave back: as add(), and not changed.
    void restore(const Bucket &bucket, Timestamp now);
    /// Those that were added to since the last time.
    std::vector<Bucket> takeChanged();
    /// After a failure: they are changed still.
    void putBack(const std::vector<Bucket> &buckets);

    /// How far ahead of ours the clock of a sensor may be.
    static constexpr std::chrono::seconds slack{ 60 };

private:
    static constexpr size_t pageSize = 512;
    using Page = std::array<Bucket, pageSize>;

    struct Window
    {
        qint64 first, last; ///< slots, both inclusive
        bool has(qint64 slot) const { return slot >= first && slot <= last; }
    };
    Window window(Timestamp now) const;
    qint64 slotOf(Timestamp at) const;
    Bucket *find(quint32 slot) const; ///< null: its page was never written
    Bucket &claim(quint32 slot);

    const Shape m_shape;
    const quint32 m_places; // the capacity, the one that has begun, and the slack ahead of it
    std::vector<std::unique_ptr<Page>> m_pages;
    std::set<quint32> m_changed; // slots
};

} // namespace godwit::sensors
