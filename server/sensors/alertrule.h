// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"
#include "shared/core/result.h"

#include <QJsonObject>

namespace godwit::sensors {

/// When an alert is to be raised.
struct AlertRule
{
    enum class Condition {
        Above, ///< the newest value is above the threshold
        Below,
        NoData, ///< nothing has come for `holdFor`
    };

    qint64 id = 0;
    QString name{};
    QString series{}; ///< which need not be there yet
    Condition condition = Condition::Above;
    double threshold = 0;
    double hysteresis = 0; ///< how far back over the threshold a value has to be before the alert ends
    std::chrono::milliseconds holdFor{ 0 }; ///< how long it has to be so before the alert begins
    Timestamp createdAt{};
    QString createdBy{};

    QJsonObject toJson() const; ///< `for` in seconds
    /// One that is to be made. Error::FailedValidation.
    static Result<AlertRule> fromJson(const QJsonObject &json);
};

QString toString(AlertRule::Condition condition); ///< `above`, `below`, `no_data`
std::optional<AlertRule::Condition> conditionFrom(QStringView text);

/// A rule that has fired.
struct Alert
{
    qint64 id = 0;
    qint64 ruleId = 0;
    QString ruleName{};
    QString series{};
    AlertRule::Condition condition = AlertRule::Condition::Above;
    double threshold = 0;
    std::optional<double> value{}; ///< that it fired for; none where nothing came
    Timestamp firedAt{};
    std::optional<Timestamp> resolvedAt{};

    bool isFiring() const { return !resolvedAt; }
    QJsonObject toJson() const;
};

} // namespace godwit::sensors
