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

} // namespace godwit::exports
