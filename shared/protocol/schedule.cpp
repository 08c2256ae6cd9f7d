// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/schedule.h"

#include "shared/protocol/jsonfields.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::protocol {

static constexpr qsizetype longestName = 100, longestCron = 1'000;

static bool canBeSeen(const QString &text)
{
    return std::all_of(text.cbegin(), text.cend(), [](QChar c) { return c.isSurrogate() || c.isPrint(); });
}

QJsonObject NewSchedule::toJson() const
{
    QJsonObject json = task.toJson();
    json.insert(u"name"_s, name);
    json.insert(u"cron"_s, cron);
    json.insert(u"time_zone"_s, timeZone);
    json.insert(u"enabled"_s, isEnabled);
    json.insert(u"catch_up"_s, catchesUp);
    json.insert(u"overlap"_s, overlap == Overlap::Skip ? u"skip"_s : u"queue"_s);
    return json;
}

Result<NewSchedule> NewSchedule::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    NewTask task = NewTask::read(reader);
    NewSchedule schedule{ .name = reader.text("name"_L1).trimmed(),
                          .cron = reader.string("cron"_L1),
                          .timeZone = reader.string("time_zone"_L1, u"UTC"_s),
                          .task = std::move(task),
                          .isEnabled = reader.boolean("enabled"_L1, true),
                          .catchesUp = reader.boolean("catch_up"_L1, false) };
    if (schedule.name.isEmpty() || schedule.name.size() > longestName || !canBeSeen(schedule.name))
        reader.fail("name"_L1, u"must have 1 to %1 characters that can be seen"_s.arg(longestName));
    if (schedule.cron.size() > longestCron)
        reader.fail("cron"_L1, u"must not be longer than %1 characters"_s.arg(longestCron));
    const QString overlap = reader.string("overlap"_L1, u"skip"_s);
    if (overlap != "skip"_L1 && overlap != "queue"_L1)
        reader.fail("overlap"_L1, u"must be skip or queue"_s);
    schedule.overlap = overlap == "queue"_L1 ? Overlap::Queue : Overlap::Skip;
    return reader.finishBody(std::move(schedule));
}

Result<NewSchedule> NewSchedule::changedBy(const QJsonObject &patch) const
{
    QJsonObject json = toJson();
    for (auto it = patch.begin(); it != patch.end(); ++it)
        json.insert(it.key(), it.value());
    return fromJson(json);
}

QJsonObject Schedule::toJson() const
{
    QJsonObject json = what.toJson();
    json.insert(u"id"_s, id);
    json.insert(u"next_at"_s, timeOrNull(nextAt));
    json.insert(u"last_at"_s, timeOrNull(lastAt));
    json.insert(u"last_task_id"_s, lastTaskId ? QJsonValue(*lastTaskId) : QJsonValue(QJsonValue::Null));
    json.insert(u"created_at"_s, toRfc3339(createdAt));
    json.insert(u"created_by"_s, QJsonObject{ { u"id"_s, creatorId }, { u"name"_s, createdBy } });
    return json;
}

} // namespace godwit::protocol
