// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "shared/protocol/principal.h"
#include "shared/protocol/task.h"

#include <QList>

/// The SQL of the queue. Functions are jobs for db::Pool.
namespace godwit::tasks::store {

using protocol::Task;
using protocol::TaskStatus;

/// @throws Error::NotFound
Task get(db::Connection &connection, qint64 id);
/// Newest first; those older than @p before, or from the newest on.
QList<Task> list(db::Connection &connection, std::optional<TaskStatus> status, std::optional<qint64> before, int limit);
Task create(db::Connection &connection, const protocol::NewTask &task, const protocol::Principal &creator,
            std::optional<qint64> schedule = {});

/// Who has submitted it, with the role that he has now; who is nobody of the table of users was an admin.
/// Error::NotFound, PermissionDenied if there is no such user any more.
protocol::Principal creatorOf(db::Connection &connection, qint64 id);

/// Makes what was running when the last process ended wait again; returns all that wait.
QList<Task> recover(db::Connection &connection);
/// From queued to running; nothing if it is not queued any more.
std::optional<Task> begin(db::Connection &connection, qint64 id);
void saveProgress(db::Connection &connection, qint64 id, double progress, const QString &message);
/// From running to @p task's status, progress, message, result and failures. Queued: it is to run again, at its runAt.
Task end(db::Connection &connection, const Task &task);

/// Forgets what has ended before @p before, and the oldest beyond @p keep; at most so many of each. @return how many.
qint64 removeEnded(db::Connection &connection, Timestamp before, qint64 keep, int most);

/// Of a task's log, the older are dropped.
constexpr qint64 keptLogLines = 1'000;
qint64 lastLine(db::Connection &connection, qint64 id); ///< zero: it has none
void appendLog(db::Connection &connection, qint64 id, const QList<protocol::TaskLogLine> &lines);
/// Those behind the line @p after. @throws Error::NotFound
QList<protocol::TaskLogLine> log(db::Connection &connection, qint64 id, qint64 after);

// By whom: Error::PermissionDenied for somebody else's task, unless they run the server.

/// A queued one is cancelled, a running one is returned as it is. @throws Error::Conflict if it has ended.
Task cancel(db::Connection &connection, qint64 id, const protocol::Principal &caller);
/// @throws Error::Conflict unless it has failed or was cancelled.
Task retry(db::Connection &connection, qint64 id, const protocol::Principal &caller);
/// @throws Error::Conflict if it has not ended.
void remove(db::Connection &connection, qint64 id, const protocol::Principal &caller);

} // namespace godwit::tasks::store
