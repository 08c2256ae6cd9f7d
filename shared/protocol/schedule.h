// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/task.h"

namespace godwit::protocol {

/// Body of POST /api/schedules: a task that is submitted again and again.
struct NewSchedule
{
    enum class Overlap { Skip, Queue };

    QString name;
    QString cron; ///< `0 3 * * mon-fri`, `@daily`
    QString timeZone; ///< `Europe/Berlin`; by default UTC
    NewTask task;
    bool isEnabled = true;
    bool catchesUp = false; ///< a run that was missed, as the server was down, is made up for, once
    Overlap overlap = Overlap::Skip; ///< what if a task of it has not ended: it is left out, or waits for its turn

    QJsonObject toJson() const;
    /// What can be told without a server: neither cron, time zone nor kind.
    static Result<NewSchedule> fromJson(const QJsonObject &json);
    /// Body of PATCH /api/schedules/{id}: any of the members.
    Result<NewSchedule> changedBy(const QJsonObject &patch) const;
};

/// A schedule as the API shows it.
struct Schedule
{
    qint64 id = 0;
    NewSchedule what;
    std::optional<Timestamp> nextAt{}; ///< none: it is off
    std::optional<Timestamp> lastAt{}; ///< when it submitted a task
    std::optional<qint64> lastTaskId{};
    Timestamp createdAt{};
    QString createdBy{}; ///< the name of whoever made it, in which its tasks are submitted
    qint64 creatorId = 0; ///< of the table of users; 0: none of it

    QJsonObject toJson() const;
};

} // namespace godwit::protocol
