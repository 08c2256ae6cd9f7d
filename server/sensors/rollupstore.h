// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "server/sensors/history.h"

/// The SQL of the history. Each function is a job's work, on a thread of the pool.
namespace godwit::sensors::store {

/// Of many series and buckets at once.
void save(db::Connection &connection, const std::vector<Unsaved> &all);
/// Removes what the rings do not keep any more, and those series altogether.
void prune(db::Connection &connection, const QStringList &series, Timestamp now);

QHash<qint64, SeriesName> series(db::Connection &connection); ///< by their ids

struct StoredBucket
{
    qint64 seriesId = 0;
    int step = 0;
    Bucket bucket{};
};
/// In order of step, time and series, behind @p after.
std::vector<StoredBucket> buckets(db::Connection &connection, const StoredBucket &after, int limit);

} // namespace godwit::sensors::store
