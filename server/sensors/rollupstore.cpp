// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/rollupstore.h"

using namespace Qt::StringLiterals;

namespace godwit::sensors::store {

static QString stored(const QString &text)
{
    return text.isNull() ? u""_s : text; // a null string would be SQL's NULL
}

static qint64 idOf(db::Connection &connection, const SeriesName &series)
{
    QSqlQuery &row
        = connection.execute(u"INSERT INTO sensor_series (name, unit, source) VALUES (?, ?, ?) "
                             "ON CONFLICT (name) DO UPDATE SET unit = excluded.unit, source = excluded.source "
                             "RETURNING id",
                             { series.name, stored(series.unit), toString(series.source) });
    row.next();
    const qint64 id = row.value(0).toLongLong();
    row.finish();
    return id;
}

void save(db::Connection &connection, const std::vector<Unsaved> &all)
{
    for (const Unsaved &unsaved : all) {
        const qint64 id = idOf(connection, unsaved.series);
        for (size_t ring = 0; ring < ringShapes.size(); ++ring) {
            for (const auto &[slot, rollup] : unsaved.buckets[ring])
                connection.execute(u"INSERT INTO sensor_rollups (step, slot, series_id, readings, least, most, total) "
                                   "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (step, slot, series_id) DO UPDATE SET "
                                   "readings = excluded.readings, least = excluded.least, most = excluded.most, total "
                                   "= excluded.total",
                                   { qint64(ringShapes[ring].step.count()), qint64(slot), id, qint64(rollup.count),
                                     rollup.min, rollup.max, rollup.sum });
        }
    }
}

void prune(db::Connection &connection, const QStringList &series, Timestamp now)
{
    for (const Ring::Shape &shape : ringShapes) {
        const qint64 oldest = (now - shape.span()).time_since_epoch() / shape.step;
        connection.execute(u"DELETE FROM sensor_rollups WHERE step = ? AND slot < ?",
                           { qint64(shape.step.count()), oldest });
    }
    for (const QString &name : series)
        connection.execute(u"DELETE FROM sensor_series WHERE name = ?", { name });
}

QHash<qint64, SeriesName> series(db::Connection &connection)
{
    QHash<qint64, SeriesName> all;
    QSqlQuery &rows = connection.execute(u"SELECT id, name, unit, source FROM sensor_series");
    while (rows.next())
        all.insert(rows.value(0).toLongLong(),
                   { .name = rows.value(1).toString(),
                     .unit = rows.value(2).toString(),
                     .source
                     = protocol::sensorSourceFrom(rows.value(3).toString()).value_or(protocol::SensorSource::Ingest) });
    return all;
}

std::vector<StoredBucket> buckets(db::Connection &connection, const StoredBucket &after, int limit)
{
    QSqlQuery &rows = connection.execute(u"SELECT step, slot, series_id, readings, least, most, total "
                                         "FROM sensor_rollups WHERE (step, slot, series_id) > (?, ?, ?) "
                                         "ORDER BY step, slot, series_id LIMIT ?",
                                         { after.step, qint64(after.bucket.slot), after.seriesId, limit });
    std::vector<StoredBucket> found;
    while (rows.next())
        found.push_back({ .seriesId = rows.value(2).toLongLong(),
                          .step = rows.value(0).toInt(),
                          .bucket = { .slot = rows.value(1).toUInt(),
                                      .rollup = { .count = rows.value(3).toUInt(),
                                                  .min = rows.value(4).toDouble(),
                                                  .max = rows.value(5).toDouble(),
                                                  .sum = rows.value(6).toDouble() } } });
    return found;
}

} // namespace godwit::sensors::store
