// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/tasks/store.h"

#include "server/users/profilestore.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace godwit::tasks::store {

#define GODWIT_TASK_COLUMNS                                                                                            \
    u"id, kind, params, priority, status, progress, message, attempts, created_at, started_at, finished_at, result, "  \
    u"created_by, created_by_name, schedule_id, max_attempts, timeout_ms, run_at, failures"

static constexpr double msASecond = 1000;

static qint64 nowMs()
{
    return Clock::system().timestamp().time_since_epoch().count();
}

static QJsonObject toObject(const QVariant &text)
{
    return QJsonDocument::fromJson(text.toString().toUtf8()).object();
}

static QString toText(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

/// A null string would be NULL, which the columns refuse.
static QString stored(const QString &text)
{
    return text.isNull() ? u""_s : text;
}

static std::optional<Timestamp> toTime(const QVariant &ms)
{
    if (ms.isNull())
        return {};
    return Timestamp(std::chrono::milliseconds(ms.toLongLong()));
}

static std::optional<qint64> toId(const QVariant &id)
{
    return id.isNull() ? std::nullopt : std::optional(id.toLongLong());
}

static Task read(const QSqlQuery &row)
{
    return { .id = row.value(0).toLongLong(),
             .kind = row.value(1).toString(),
             .params = toObject(row.value(2)),
             .priority = row.value(3).toInt(),
             .status = protocol::taskStatusFrom(row.value(4).toString()).value_or(TaskStatus::Failed),
             .progress = row.value(5).toDouble(),
             .message = row.value(6).toString(),
             .attempts = row.value(7).toInt(),
             .createdAt = toTime(row.value(8)).value_or(Timestamp()),
             .startedAt = toTime(row.value(9)),
             .finishedAt = toTime(row.value(10)),
             .etaSeconds = {},
             .result = toObject(row.value(11)),
             .createdBy = row.value(13).toString(),
             .creatorId = row.value(12).toLongLong(),
             .scheduleId = toId(row.value(14)),
             .maxAttempts = row.value(15).isNull() ? std::nullopt : std::optional(row.value(15).toInt()),
             .timeoutSeconds
             = row.value(16).isNull() ? std::nullopt : std::optional(row.value(16).toDouble() / msASecond),
             .runAt = toTime(row.value(17)),
             .failures = row.value(18).toInt() };
}

static QList<Task> readAll(QSqlQuery &rows)
{
    QList<Task> tasks;
    while (rows.next())
        tasks.append(read(rows));
    return tasks;
}

Task get(db::Connection &connection, qint64 id)
{
    QSqlQuery &row = connection.execute(u"SELECT " GODWIT_TASK_COLUMNS u" FROM tasks WHERE id = ?", { id });
    if (!row.next())
        throw Error(Error::Code::NotFound, u"there is no task with id %1"_s.arg(id));
    return read(row);
}

QList<Task> list(db::Connection &connection, std::optional<TaskStatus> status, std::optional<qint64> before, int limit)
{
    const qint64 end = before.value_or(std::numeric_limits<qint64>::max());
    if (status)
        return readAll(connection.execute(
            u"SELECT " GODWIT_TASK_COLUMNS u" FROM tasks WHERE status = ? AND id < ? ORDER BY id DESC LIMIT ?",
            { toString(*status), end, limit }));
    return readAll(connection.execute(
        u"SELECT " GODWIT_TASK_COLUMNS u" FROM tasks WHERE id < ? ORDER BY id DESC LIMIT ?", { end, limit }));
}

Task create(db::Connection &connection, const protocol::NewTask &task, const protocol::Principal &creator,
            std::optional<qint64> schedule)
{
    QSqlQuery &row = connection.execute(
        u"INSERT INTO tasks (kind, params, priority, status, created_at, created_by, "
        "created_by_name, schedule_id, max_attempts, timeout_ms) VALUES (?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?) "
        "RETURNING id",
        { task.kind, toText(task.params), task.priority, nowMs(), creator.userId, stored(creator.name),
          schedule ? QVariant(*schedule) : QVariant(), task.maxAttempts ? QVariant(*task.maxAttempts) : QVariant(),
          task.timeoutSeconds ? QVariant(qint64(*task.timeoutSeconds * msASecond)) : QVariant() });
    row.next();
    Task created = get(connection, row.value(0).toLongLong());
    users::store::addCreation(connection, creator.userId, users::activity::taskCreated, created.kind, created.id,
                              created.createdAt);
    return created;
}

protocol::Principal creatorOf(db::Connection &connection, qint64 id)
{
    QSqlQuery &row = connection.execute(u"SELECT t.created_by, t.created_by_name, u.role FROM tasks t "
                                        "LEFT JOIN users u ON u.id = t.created_by WHERE t.id = ?",
                                        { id });
    if (!row.next())
        throw Error(Error::Code::NotFound, u"there is no task with id %1"_s.arg(id));
    const qint64 userId = row.value(0).toLongLong();
    const auto role = userId == 0 ? protocol::Role::Admin : protocol::roleFrom(row.value(2).toString());
    if (!role)
        throw Error(Error::Code::PermissionDenied, u"who has submitted it is no user any more"_s);
    return { .userId = userId, .name = row.value(1).toString(), .role = *role };
}

QList<Task> recover(db::Connection &connection)
{
    connection.execute(u"UPDATE tasks SET status = 'queued' WHERE status = 'running'");
    return readAll(connection.execute(u"SELECT " GODWIT_TASK_COLUMNS u" FROM tasks WHERE status = 'queued'"));
}

std::optional<Task> begin(db::Connection &connection, qint64 id)
{
    const QSqlQuery &begun = connection.execute(
        u"UPDATE tasks SET status = 'running', attempts = attempts + 1, started_at = ?, progress = 0, message = '', "
        "run_at = NULL WHERE id = ? AND status = 'queued'",
        { nowMs(), id });
    if (begun.numRowsAffected() < 1)
        return {};
    return get(connection, id);
}

void saveProgress(db::Connection &connection, qint64 id, double progress, const QString &message)
{
    connection.execute(u"UPDATE tasks SET progress = ?, message = ? WHERE id = ? AND status = 'running'",
                       { progress, stored(message), id });
}

Task end(db::Connection &connection, const Task &task)
{
    const QVariant finishedAt = isFinal(task.status) ? QVariant(nowMs()) : QVariant();
    connection.execute(u"UPDATE tasks SET status = ?, progress = ?, message = ?, finished_at = ?, result = ?, run_at = "
                       u"?, failures = ? "
                       "WHERE id = ? AND status = 'running'",
                       { toString(task.status), task.progress, stored(task.message), finishedAt, toText(task.result),
                         task.runAt ? QVariant(qint64(task.runAt->time_since_epoch().count())) : QVariant(),
                         task.failures, task.id });
    return get(connection, task.id);
}

static Error conflict(const Task &task, const QString &why)
{
    return { Error::Code::Conflict, u"task %1 is %2: %3"_s.arg(task.id).arg(toString(task.status), why) };
}

/// It, if @p caller may do something to it.
static Task getAs(db::Connection &connection, qint64 id, const protocol::Principal &caller)
{
    Task task = get(connection, id);
    const bool isTheirs = caller.userId != 0 && caller.userId == task.creatorId;
    if (!caller.may(isTheirs ? protocol::Role::Member : protocol::Role::Operator))
        throw Error(Error::Code::PermissionDenied, u"task %1 is not yours: this needs the role operator"_s.arg(id));
    return task;
}

Task cancel(db::Connection &connection, qint64 id, const protocol::Principal &caller)
{
    Task task = getAs(connection, id, caller);
    if (isFinal(task.status))
        throw conflict(task, u"it has ended already"_s);
    if (task.status == TaskStatus::Running)
        return task;
    connection.execute(u"UPDATE tasks SET status = 'cancelled', finished_at = ? WHERE id = ?", { nowMs(), id });
    return get(connection, id);
}

Task retry(db::Connection &connection, qint64 id, const protocol::Principal &caller)
{
    const Task task = getAs(connection, id, caller);
    if (task.status != TaskStatus::Failed && task.status != TaskStatus::Cancelled)
        throw conflict(task, u"only what has failed or was cancelled can be tried again"_s);
    connection.execute(u"UPDATE tasks SET status = 'queued', progress = 0, message = '', result = '{}', "
                       "started_at = NULL, finished_at = NULL, run_at = NULL, failures = 0 WHERE id = ?",
                       { id });
    return get(connection, id);
}

qint64 removeEnded(db::Connection &connection, Timestamp before, qint64 keep, int most)
{
    const qint64 old
        = connection
              .execute(u"DELETE FROM tasks WHERE id IN (SELECT id FROM tasks WHERE finished_at IS NOT NULL "
                       "AND finished_at < ? ORDER BY finished_at LIMIT ?)",
                       { qint64(before.time_since_epoch().count()), most })
              .numRowsAffected();
    const qint64 surplus
        = connection
              .execute(u"DELETE FROM tasks WHERE id IN (SELECT id FROM tasks WHERE finished_at IS NOT NULL "
                       "ORDER BY finished_at DESC, id DESC LIMIT ? OFFSET ?)",
                       { most, keep })
              .numRowsAffected();
    return old + surplus;
}

qint64 lastLine(db::Connection &connection, qint64 id)
{
    QSqlQuery &row = connection.execute(u"SELECT max(line) FROM task_log WHERE task_id = ?", { id });
    return row.next() ? row.value(0).toLongLong() : 0;
}

void appendLog(db::Connection &connection, qint64 id, const QList<protocol::TaskLogLine> &lines)
{
    if (lines.isEmpty() || !connection.execute(u"SELECT 1 FROM tasks WHERE id = ?", { id }).next())
        return;
    for (const protocol::TaskLogLine &line : lines)
        connection.execute(
            u"INSERT INTO task_log (task_id, line, attempt, at, text) VALUES (?, ?, ?, ?, ?)",
            { id, line.line, line.attempt, qint64(line.at.time_since_epoch().count()), stored(line.text) });
    connection.execute(u"DELETE FROM task_log WHERE task_id = ? AND line <= ?",
                       { id, lines.last().line - keptLogLines });
}

QList<protocol::TaskLogLine> log(db::Connection &connection, qint64 id, qint64 after)
{
    get(connection, id);
    QList<protocol::TaskLogLine> lines;
    QSqlQuery &rows = connection.execute(
        u"SELECT line, attempt, at, text FROM task_log WHERE task_id = ? AND line > ? ORDER BY line", { id, after });
    while (rows.next())
        lines.append({ .line = rows.value(0).toLongLong(),
                       .attempt = rows.value(1).toInt(),
                       .at = toTime(rows.value(2)).value_or(Timestamp()),
                       .text = rows.value(3).toString() });
    return lines;
}

void remove(db::Connection &connection, qint64 id, const protocol::Principal &caller)
{
    const Task task = getAs(connection, id, caller);
    if (!isFinal(task.status))
        throw conflict(task, u"cancel it first"_s);
    connection.execute(u"DELETE FROM tasks WHERE id = ?", { id });
}

} // namespace godwit::tasks::store
