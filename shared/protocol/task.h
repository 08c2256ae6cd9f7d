// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"
#include "shared/core/jsonreader.h"

#include <QJsonObject>
#include <QString>

#include <optional>

namespace godwit::protocol {

enum class TaskStatus { Queued, Running, Completed, Failed, Cancelled };

QString toString(TaskStatus status); ///< `queued running completed failed cancelled`
std::optional<TaskStatus> taskStatusFrom(QStringView text);
inline bool isFinal(TaskStatus status)
{
    return status >= TaskStatus::Completed;
}

/// Body of POST /api/tasks.
struct NewTask
{
    QString kind;
    QJsonObject params;
    int priority = 0; ///< higher first
    std::optional<int> maxAttempts{}; ///< 1 to 20; none: as its kind has it
    std::optional<double> timeoutSeconds{}; ///< of an attempt, up to a week; none: as its kind has it

    QJsonObject toJson() const;
    static Result<NewTask> fromJson(const QJsonObject &json);
    static NewTask read(JsonReader &reader); ///< of what has other members besides
};

/// A task as the API shows it.
struct Task
{
    qint64 id = 0;
    QString kind;
    QJsonObject params;
    int priority = 0;
    TaskStatus status = TaskStatus::Queued;
    double progress = 0; ///< percent, 0 to 100
    QString message; ///< what it is doing, or why it failed
    int attempts = 0;
    Timestamp createdAt{};
    std::optional<Timestamp> startedAt, finishedAt;
    std::optional<double> etaSeconds;
    QJsonObject result;
    QString createdBy{}; ///< the name of whoever submitted it; empty: not known
    qint64 creatorId = 0; ///< of the table of users; 0: none of it
    std::optional<qint64> scheduleId{}; ///< of the schedule that has submitted it
    std::optional<int> maxAttempts{}; ///< as it was submitted
    std::optional<double> timeoutSeconds{}; ///< as it was submitted
    std::optional<Timestamp> runAt{}; ///< it has failed in passing, and is tried again then
    int failures = 0; ///< in a row; not on the wire

    QJsonObject toJson() const;
    static Result<Task> fromJson(const QJsonObject &json);
};

/// What a task said while it ran.
struct TaskLogLine
{
    qint64 line = 0; ///< counts from 1; what is missing was dropped
    int attempt = 0;
    Timestamp at{};
    QString text;

    QJsonObject toJson() const;
};

/// `event: progress` of GET /api/tasks/{id}/events.
struct TaskProgress
{
    qint64 taskId = 0;
    double progress = 0;
    TaskStatus status = TaskStatus::Queued;
    QString message;

    QJsonObject toJson() const; ///< `{task_id, progress, status, message}`
    static Result<TaskProgress> fromJson(const QJsonObject &json);
};

} // namespace godwit::protocol
