// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/task.h"

#include "shared/protocol/jsonfields.h"

#include <limits>

using namespace Qt::StringLiterals;

namespace godwit::protocol {

namespace {

constexpr TaskStatus allStatus[]
    = { TaskStatus::Queued, TaskStatus::Running, TaskStatus::Completed, TaskStatus::Failed, TaskStatus::Cancelled };

constexpr int mostAttempts = 20;
constexpr double leastTimeout = 0.001, mostTimeout = 7 * 24 * 3600; // seconds

TaskStatus readStatus(JsonReader &reader, QLatin1StringView name)
{
    const auto status = taskStatusFrom(reader.string(name));
    if (!status)
        reader.fail(name, u"must be queued, running, completed, failed or cancelled"_s);
    return status.value_or(TaskStatus::Queued);
}

int readInt(JsonReader &reader, QLatin1StringView name, int fallback)
{
    const qint64 value = reader.integer(name, fallback);
    if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
        reader.fail(name, u"is out of range"_s);
        return fallback;
    }
    return int(value);
}

std::optional<double> readOptionalNumber(JsonReader &reader, const QJsonObject &json, QLatin1StringView name)
{
    const QJsonValue value = json.value(name);
    if (value.isNull() || value.isUndefined())
        return std::nullopt;
    return reader.number(name);
}

} // namespace

QString toString(TaskStatus status)
{
    switch (status) {
    case TaskStatus::Queued:
        return u"queued"_s;
    case TaskStatus::Running:
        return u"running"_s;
    case TaskStatus::Completed:
        return u"completed"_s;
    case TaskStatus::Failed:
        return u"failed"_s;
    case TaskStatus::Cancelled:
        return u"cancelled"_s;
    }
    Q_UNREACHABLE();
}

std::optional<TaskStatus> taskStatusFrom(QStringView text)
{
    for (const TaskStatus status : allStatus) {
        if (text == toString(status))
            return status;
    }
    return std::nullopt;
}

QJsonObject NewTask::toJson() const
{
    QJsonObject json{ { u"kind"_s, kind }, { u"params"_s, params }, { u"priority"_s, priority } };
    if (maxAttempts)
        json.insert(u"max_attempts"_s, *maxAttempts);
    if (timeoutSeconds)
        json.insert(u"timeout"_s, *timeoutSeconds);
    return json;
}

NewTask NewTask::read(JsonReader &reader)
{
    NewTask task{
        .kind = reader.string("kind"_L1),
        .params = reader.object("params"_L1, QJsonObject()),
        .priority = readInt(reader, "priority"_L1, 0),
    };
    if (task.kind.isEmpty())
        reader.fail("kind"_L1, u"must not be empty"_s);
    if (reader.isGiven("max_attempts"_L1)) {
        task.maxAttempts = readInt(reader, "max_attempts"_L1, 1);
        if (*task.maxAttempts < 1 || *task.maxAttempts > mostAttempts)
            reader.fail("max_attempts"_L1, u"must be between 1 and %1"_s.arg(mostAttempts));
    }
    if (reader.isGiven("timeout"_L1)) {
        task.timeoutSeconds = reader.number("timeout"_L1);
        if (!(*task.timeoutSeconds >= leastTimeout && *task.timeoutSeconds <= mostTimeout))
            reader.fail("timeout"_L1, u"must be between %1 and %2 seconds"_s.arg(leastTimeout).arg(mostTimeout));
    }
    return task;
}

Result<NewTask> NewTask::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    NewTask task = read(reader);
    return reader.finishBody(std::move(task));
}

QJsonObject Task::toJson() const
{
    return {
        { u"id"_s, id },
        { u"kind"_s, kind },
        { u"params"_s, params },
        { u"priority"_s, priority },
        { u"status"_s, toString(status) },
        { u"progress"_s, progress },
        { u"message"_s, message },
        { u"attempts"_s, attempts },
        { u"created_at"_s, toRfc3339(createdAt) },
        { u"started_at"_s, timeOrNull(startedAt) },
        { u"finished_at"_s, timeOrNull(finishedAt) },
        { u"eta_seconds"_s, etaSeconds ? numberOrNull(*etaSeconds) : QJsonValue(QJsonValue::Null) },
        { u"result"_s, result },
        { u"created_by"_s, QJsonObject{ { u"id"_s, creatorId }, { u"name"_s, createdBy } } },
        { u"schedule_id"_s, scheduleId ? QJsonValue(*scheduleId) : QJsonValue(QJsonValue::Null) },
        { u"max_attempts"_s, maxAttempts ? QJsonValue(*maxAttempts) : QJsonValue(QJsonValue::Null) },
        { u"timeout"_s, timeoutSeconds ? QJsonValue(*timeoutSeconds) : QJsonValue(QJsonValue::Null) },
        { u"run_at"_s, timeOrNull(runAt) },
    };
}

Result<Task> Task::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    Task task{
        .id = reader.integer("id"_L1),
        .kind = reader.string("kind"_L1),
        .params = reader.object("params"_L1, QJsonObject()),
        .priority = readInt(reader, "priority"_L1, 0),
        .status = readStatus(reader, "status"_L1),
        .progress = reader.number("progress"_L1),
        .message = reader.string("message"_L1, QString()),
        .attempts = readInt(reader, "attempts"_L1, 0),
        .createdAt = readTime(reader, "created_at"_L1),
        .startedAt = readOptionalTime(reader, json, "started_at"_L1),
        .finishedAt = readOptionalTime(reader, json, "finished_at"_L1),
        .etaSeconds = readOptionalNumber(reader, json, "eta_seconds"_L1),
        .result = reader.object("result"_L1, QJsonObject()),
    };
    JsonReader creator(reader.object("created_by"_L1, QJsonObject()));
    task.createdBy = creator.string("name"_L1, QString());
    task.creatorId = creator.integer("id"_L1, 0);
    if (reader.isGiven("schedule_id"_L1))
        task.scheduleId = reader.integer("schedule_id"_L1);
    if (reader.isGiven("max_attempts"_L1))
        task.maxAttempts = readInt(reader, "max_attempts"_L1, 1);
    task.timeoutSeconds = readOptionalNumber(reader, json, "timeout"_L1);
    task.runAt = readOptionalTime(reader, json, "run_at"_L1);
    return reader.finish(std::move(task));
}

QJsonObject TaskLogLine::toJson() const
{
    return { { u"line"_s, line }, { u"attempt"_s, attempt }, { u"at"_s, toRfc3339(at) }, { u"text"_s, text } };
}

QJsonObject TaskProgress::toJson() const
{
    return {
        { u"task_id"_s, taskId },
        { u"progress"_s, progress },
        { u"status"_s, toString(status) },
        { u"message"_s, message },
    };
}

Result<TaskProgress> TaskProgress::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    TaskProgress progress{
        .taskId = reader.integer("task_id"_L1),
        .progress = reader.number("progress"_L1),
        .status = readStatus(reader, "status"_L1),
        .message = reader.string("message"_L1, QString()),
    };
    return reader.finish(std::move(progress));
}

} // namespace godwit::protocol
