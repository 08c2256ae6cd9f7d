// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "shared/protocol/principal.h"
#include "shared/protocol/schedule.h"

#include <QList>

/// The SQL of schedules. Functions are jobs for db::Pool.
namespace godwit::tasks::schedulestore {

using protocol::NewSchedule;
using protocol::Schedule;

constexpr int mostSchedules = 1'000;

/// @throws Error::NotFound
Schedule get(db::Connection &connection, qint64 id);
/// In order of their ids.
QList<Schedule> all(db::Connection &connection);
/// Those that are on and whose time has come.
QList<Schedule> due(db::Connection &connection, Timestamp now);
/// @throws Error::Conflict if there are too many.
Schedule create(db::Connection &connection, const NewSchedule &what, std::optional<Timestamp> nextAt,
                const protocol::Principal &creator, Timestamp now);
Schedule change(db::Connection &connection, qint64 id, const NewSchedule &what, std::optional<Timestamp> nextAt);
/// @throws Error::NotFound
void remove(db::Connection &connection, qint64 id);

/// Whether a task that it submitted has not ended.
bool hasOpenTask(db::Connection &connection, qint64 id);
void setNext(db::Connection &connection, qint64 id, std::optional<Timestamp> nextAt);
void setLast(db::Connection &connection, qint64 id, Timestamp at, qint64 taskId);

} // namespace godwit::tasks::schedulestore
