// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"
#include "server/sensors/history.h"
#include "server/sensors/rollupstore.h"

#include <atomic>

namespace godwit::sensors {

/// The history on disk: reads it back once, and then writes what has changed in batches, a transaction each. A batch
/// that fails is written with the next. All functions block, from one thread at a time; figures() from any.
class Keeper
{
public:
    /// All must outlive this.
    Keeper(db::Pool &pool, History &history, const Clock &clock) : m_pool(pool), m_history(history), m_clock(clock) { }

    /// Whatever is due. A failure goes to the log, and what was to be done is tried again the next time.
    void turn(std::chrono::milliseconds flushInterval);
    /// Writes what there is, at the end.
    void flush();

    struct Figures
    {
        bool isLoaded = false;
        qint64 restored = 0; ///< buckets of before the start
        qint64 saved = 0, batches = 0, failures = 0;
    };
    Figures figures() const;

private:
    void load();
    void save();
    void prune();

    db::Pool &m_pool;
    History &m_history;
    const Clock &m_clock;
    QHash<qint64, SeriesName> m_series; // while it loads
    store::StoredBucket m_position; // behind which the rest is loaded
    std::optional<TimePoint> m_savedAt, m_prunedAt;
    std::atomic<bool> m_isLoaded = false; // these are read from other threads
    std::atomic<qint64> m_restored = 0, m_saved = 0, m_batches = 0, m_failures = 0;
};

} // namespace godwit::sensors
