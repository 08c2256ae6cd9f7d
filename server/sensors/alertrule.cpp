// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/alertrule.h"

#include "server/sensors/seriesname.h"
#include "shared/core/jsonreader.h"
#include "shared/core/name.h"
#include "shared/protocol/jsonfields.h"

#include <array>
#include <cmath>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::sensors {

constexpr auto longestHold = std::chrono::milliseconds(24h * 7);

QString toString(AlertRule::Condition condition)
{
    switch (condition) {
    case AlertRule::Condition::Above:
        return u"above"_s;
    case AlertRule::Condition::Below:
        return u"below"_s;
    case AlertRule::Condition::NoData:
        return u"no_data"_s;
    }
    return {};
}

std::optional<AlertRule::Condition> conditionFrom(QStringView text)
{
    constexpr std::array all{ AlertRule::Condition::Above, AlertRule::Condition::Below, AlertRule::Condition::NoData };
    for (const auto condition : all) {
        if (text == toString(condition))
            return condition;
    }
    return {};
}

static double toSeconds(std::chrono::milliseconds span)
{
    return std::chrono::duration<double>(span).count();
}

QJsonObject AlertRule::toJson() const
{
    QJsonObject json{ { u"id"_s, id },
                      { u"name"_s, name },
                      { u"series"_s, series },
                      { u"condition"_s, toString(condition) },
                      { u"for"_s, toSeconds(holdFor) },
                      { u"created_at"_s, toRfc3339(createdAt) },
                      { u"created_by"_s, createdBy } };
    if (condition != Condition::NoData) {
        json.insert(u"threshold"_s, threshold);
        json.insert(u"hysteresis"_s, hysteresis);
    }
    return json;
}

Result<AlertRule> AlertRule::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    AlertRule rule{ .name = reader.text("name"_L1), .series = reader.string("series"_L1) };
    if (const auto name = normalizedName(rule.name, "name"_L1))
        rule.name = *name;
    else
        reader.fail("name"_L1, u"must have 1 to 64 characters that can be seen"_s);
    if (!isSeriesName(rule.series))
        reader.fail("series"_L1, seriesNameRule());
    if (const auto condition = conditionFrom(reader.string("condition"_L1)))
        rule.condition = *condition;
    else
        reader.fail("condition"_L1, u"must be above, below or no_data"_s);
    const bool isNoData = rule.condition == Condition::NoData;
    if (isNoData) { // which other rules have; here they say nothing
        reader.has("threshold"_L1);
        reader.has("hysteresis"_L1);
    } else {
        rule.threshold = reader.number("threshold"_L1);
        rule.hysteresis = reader.number("hysteresis"_L1, 0.0);
        if (!(rule.hysteresis >= 0))
            reader.fail("hysteresis"_L1, u"must not be negative"_s);
    }
    const double seconds = isNoData ? reader.number("for"_L1) : reader.number("for"_L1, 0.0);
    if (!(seconds >= (isNoData ? 1 : 0) && seconds <= toSeconds(longestHold)))
        reader.fail("for"_L1, u"must be from %1 to %2 seconds"_s.arg(isNoData ? 1 : 0).arg(toSeconds(longestHold)));
    else
        rule.holdFor = std::chrono::milliseconds(std::llround(seconds * 1'000));
    return reader.finishBody(std::move(rule));
}

QJsonObject Alert::toJson() const
{
    QJsonObject json{ { u"id"_s, id },
                      { u"rule_id"_s, ruleId },
                      { u"rule_name"_s, ruleName },
                      { u"series"_s, series },
                      { u"condition"_s, toString(condition) },
                      { u"state"_s, isFiring() ? u"firing"_s : u"resolved"_s },
                      { u"value"_s, value ? QJsonValue(*value) : QJsonValue() },
                      { u"fired_at"_s, toRfc3339(firedAt) },
                      { u"resolved_at"_s, protocol::timeOrNull(resolvedAt) } };
    if (condition != AlertRule::Condition::NoData)
        json.insert(u"threshold"_s, threshold);
    return json;
}

} // namespace godwit::sensors
