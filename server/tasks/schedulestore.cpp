// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/tasks/schedulestore.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace godwit::tasks::schedulestore {

#define GODWIT_SCHEDULE_COLUMNS                                                                                        \
    u"id, name, cron, time_zone, kind, params, priority, enabled, catch_up, overlap, next_at, last_at, last_task_id, " \
    u"created_at, created_by, created_by_name, max_attempts, timeout_ms"

static std::optional<Timestamp> timeFrom(const QVariant &ms)
{
    return ms.isNull() ? std::nullopt : std::optional(Timestamp(std::chrono::milliseconds(ms.toLongLong())));
}

static QVariant toColumn(std::optional<Timestamp> time)
{
    return time ? QVariant(qint64(time->time_since_epoch().count())) : QVariant();
}

static QString toColumn(NewSchedule::Overlap overlap)
{
    return overlap == NewSchedule::Overlap::Queue ? u"queue"_s : u"skip"_s;
}

static QVariant attemptsColumn(const protocol::NewTask &task)
{
    return task.maxAttempts ? QVariant(*task.maxAttempts) : QVariant();
}

static QVariant timeoutColumn(const protocol::NewTask &task)
{
    return task.timeoutSeconds ? QVariant(qint64(*task.timeoutSeconds * 1000)) : QVariant();
}

static QString jsonColumn(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

static Schedule scheduleFrom(const QSqlQuery &row)
{
    const NewSchedule what{
        .name = row.value(1).toString(),
        .cron = row.value(2).toString(),
        .timeZone = row.value(3).toString(),
        .task
        = { .kind = row.value(4).toString(),
            .params = QJsonDocument::fromJson(row.value(5).toString().toUtf8()).object(),
            .priority = row.value(6).toInt(),
            .maxAttempts = row.value(16).isNull() ? std::nullopt : std::optional(row.value(16).toInt()),
            .timeoutSeconds = row.value(17).isNull() ? std::nullopt : std::optional(row.value(17).toDouble() / 1000) },
        .isEnabled = row.value(7).toBool(),
        .catchesUp = row.value(8).toBool(),
        .overlap = row.value(9).toString() == "queue"_L1 ? NewSchedule::Overlap::Queue : NewSchedule::Overlap::Skip
    };
    return { .id = row.value(0).toLongLong(),
             .what = what,
             .nextAt = timeFrom(row.value(10)),
             .lastAt = timeFrom(row.value(11)),
             .lastTaskId = row.value(12).isNull() ? std::nullopt : std::optional(row.value(12).toLongLong()),
             .createdAt = timeFrom(row.value(13)).value_or(Timestamp()),
             .createdBy = row.value(15).toString(),
             .creatorId = row.value(14).toLongLong() };
}

static QList<Schedule> schedulesFrom(QSqlQuery &rows)
{
    QList<Schedule> schedules;
    while (rows.next())
        schedules.append(scheduleFrom(rows));
    return schedules;
}

Schedule get(db::Connection &connection, qint64 id)
{
    QSqlQuery &row = connection.execute(u"SELECT " GODWIT_SCHEDULE_COLUMNS u" FROM schedules WHERE id = ?", { id });
    if (!row.next())
        throw Error(Error::Code::NotFound, u"there is no schedule with id %1"_s.arg(id));
    return scheduleFrom(row);
}

QList<Schedule> all(db::Connection &connection)
{
    return schedulesFrom(connection.execute(u"SELECT " GODWIT_SCHEDULE_COLUMNS u" FROM schedules ORDER BY id"));
}

QList<Schedule> due(db::Connection &connection, Timestamp now)
{
    return schedulesFrom(connection.execute(
        u"SELECT " GODWIT_SCHEDULE_COLUMNS u" FROM schedules WHERE enabled = 1 AND next_at <= ? ORDER BY next_at, id",
        { toColumn(now) }));
}

Schedule create(db::Connection &connection, const NewSchedule &what, std::optional<Timestamp> nextAt,
                const protocol::Principal &creator, Timestamp now)
{
    QSqlQuery &count = connection.execute(u"SELECT count(*) FROM schedules");
    if (count.next() && count.value(0).toInt() >= mostSchedules)
        throw Error(Error::Code::Conflict, u"there are %1 schedules already"_s.arg(mostSchedules));
    QSqlQuery &row = connection.execute(
        u"INSERT INTO schedules (name, cron, time_zone, kind, params, priority, enabled, catch_up, overlap, next_at, "
        "created_at, created_by, created_by_name, max_attempts, timeout_ms) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        { what.name, what.cron, what.timeZone, what.task.kind, jsonColumn(what.task.params), what.task.priority,
          int(what.isEnabled), int(what.catchesUp), toColumn(what.overlap), toColumn(nextAt), toColumn(now),
          creator.userId, creator.name.isNull() ? u""_s : creator.name, attemptsColumn(what.task),
          timeoutColumn(what.task) });
    row.next();
    return get(connection, row.value(0).toLongLong());
}

Schedule change(db::Connection &connection, qint64 id, const NewSchedule &what, std::optional<Timestamp> nextAt)
{
    connection.execute(
        u"UPDATE schedules SET name = ?, cron = ?, time_zone = ?, kind = ?, params = ?, priority = ?, "
        "enabled = ?, catch_up = ?, overlap = ?, next_at = ?, max_attempts = ?, timeout_ms = ? WHERE id = ?",
        { what.name, what.cron, what.timeZone, what.task.kind, jsonColumn(what.task.params), what.task.priority,
          int(what.isEnabled), int(what.catchesUp), toColumn(what.overlap), toColumn(nextAt), attemptsColumn(what.task),
          timeoutColumn(what.task), id });
    return get(connection, id);
}

void remove(db::Connection &connection, qint64 id)
{
    get(connection, id);
    connection.execute(u"DELETE FROM schedules WHERE id = ?", { id });
}

bool hasOpenTask(db::Connection &connection, qint64 id)
{
    return connection
        .execute(u"SELECT 1 FROM tasks WHERE schedule_id = ? AND status IN ('queued', 'running') LIMIT 1", { id })
        .next();
}

void setNext(db::Connection &connection, qint64 id, std::optional<Timestamp> nextAt)
{
    connection.execute(u"UPDATE schedules SET next_at = ? WHERE id = ?", { toColumn(nextAt), id });
}

void setLast(db::Connection &connection, qint64 id, Timestamp at, qint64 taskId)
{
    connection.execute(u"UPDATE schedules SET last_at = ?, last_task_id = ? WHERE id = ?",
                       { toColumn(std::optional(at)), taskId, id });
}

} // namespace godwit::tasks::schedulestore
