// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/exports/dataset.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::exports {

namespace {

using Column = Dataset::Column;
using Kind = Column::Kind;

constexpr Column documentColumns[]
    = { { "id"_L1, Kind::Integer },     { "title"_L1 }, { "body"_L1 }, { "source"_L1 }, { "created_at"_L1, Kind::Time },
        { "updated_at"_L1, Kind::Time } };
constexpr Column messageColumns[]
    = { { "id"_L1, Kind::Integer },    { "room"_L1 }, { "offset"_L1, Kind::Integer }, { "user"_L1 }, { "message"_L1 },
        { "timestamp"_L1, Kind::Time } };
constexpr Column taskColumns[] = { { "id"_L1, Kind::Integer },
                                   { "kind"_L1 },
                                   { "params"_L1, Kind::Json },
                                   { "priority"_L1, Kind::Integer },
                                   { "status"_L1 },
                                   { "progress"_L1, Kind::Real },
                                   { "message"_L1 },
                                   { "attempts"_L1, Kind::Integer },
                                   { "created_at"_L1, Kind::Time },
                                   { "started_at"_L1, Kind::Time },
                                   { "finished_at"_L1, Kind::Time },
                                   { "result"_L1, Kind::Json },
                                   { "created_by"_L1 } };
constexpr Column userColumns[] = { { "id"_L1, Kind::Integer },
                                   { "name"_L1 },
                                   { "role"_L1 },
                                   { "created_at"_L1, Kind::Time },
                                   { "updated_at"_L1, Kind::Time } };

constexpr Column readingColumns[] = { { "timestamp"_L1, Kind::Time },
                                      { "series"_L1 },
                                      { "min"_L1, Kind::Real },
                                      { "avg"_L1, Kind::Real },
                                      { "max"_L1, Kind::Real },
                                      { "count"_L1, Kind::Integer },
                                      { "unit"_L1 },
                                      { "source"_L1 },
                                      { "step"_L1, Kind::Integer } };

/// In the order of the statement's: ring, slots, and a series twice.
QVariantList bindReadings(const Filter &filter)
{
    const auto slotFrom = [step = std::chrono::milliseconds(filter.step * 1000)](Timestamp time) {
        const auto span = time.time_since_epoch();
        return qint64(span / step) + (span % step > std::chrono::milliseconds(0));
    };
    const QString series = filter.series.isNull() ? u""_s : filter.series; // a null string would be NULL
    return { filter.step, slotFrom(filter.from), slotFrom(filter.to), series, series };
}

#define GODWIT_TASKS                                                                                                   \
    u"SELECT id, kind, params, priority, status, progress, message, attempts, created_at, started_at, finished_at, "   \
    "result, created_by_name FROM tasks "

constexpr Dataset allDatasets[] = {
    { .name = "documents"_L1,
      .columns = documentColumns,
      .sql = u"SELECT id, title, body, source, created_at, updated_at FROM documents ORDER BY id" },
    { .name = "messages"_L1,
      .columns = messageColumns,
      .sql = u"SELECT m.id, r.name, m.room_offset, m.user_name, m.message, m.created_at FROM chat_messages m "
             "JOIN chat_rooms r ON r.id = m.room_id ORDER BY m.id" },
    // LEFT: in the order of the rollups' key, whatever the planner thinks of the series.
    { .name = "readings"_L1,
      .columns = readingColumns,
      .sql
      = u"SELECT r.slot * r.step * 1000, s.name, r.least, r.total / r.readings, r.most, r.readings, s.unit, s.source, "
        "r.step FROM sensor_rollups r LEFT JOIN sensor_series s ON s.id = r.series_id "
        "WHERE r.step = ? AND r.slot >= ? AND r.slot < ? "
        "AND (? = '' OR r.series_id = (SELECT id FROM sensor_series WHERE name = ?)) ORDER BY r.slot, r.series_id",
      .bind = bindReadings },
    { .name = "tasks"_L1,
      .columns = taskColumns,
      .sql = GODWIT_TASKS "ORDER BY id",
      .ownSql = GODWIT_TASKS "WHERE created_by = ? AND (created_by <> 0 OR created_by_name = ?) ORDER BY id" },
    { .name = "users"_L1,
      .leastRole = protocol::Role::Admin,
      .columns = userColumns,
      .sql = u"SELECT id, name, role, created_at, updated_at FROM users ORDER BY id" },
};

} // namespace

std::span<const Dataset> datasets()
{
    return allDatasets;
}

const Dataset *findDataset(QStringView name)
{
    const auto *const found
        = std::ranges::find_if(allDatasets, [name](const Dataset &one) { return name == one.name; });
    return found != std::end(allDatasets) ? found : nullptr;
}

QStringList datasetNames()
{
    QStringList names;
    for (const Dataset &one : datasets())
        names.append(one.name);
    return names;
}

void requireRole(const protocol::Principal &caller, const Dataset &dataset)
{
    if (!caller.may(dataset.leastRole))
        throw Error(
            Error::Code::PermissionDenied,
            u"to export %1 needs the role %2"_s.arg(QString(dataset.name), protocol::toString(dataset.leastRole)));
}

} // namespace godwit::exports
