// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "server/sensors/alertrule.h"

#include <QList>
#include <QSet>

namespace godwit::sensors {

/// A page of alerts, newest first.
struct AlertQuery
{
    std::optional<bool> isFiring{}; ///< none: both
    qint64 before = 0; ///< an id; 0: from the newest
    int limit = 100;
};

/// The SQL of alerts and their rules. Each function is a job's work, on a thread of the pool.
namespace store {

inline constexpr int mostRules = 256;
inline constexpr std::chrono::days keptAlerts{ 90 }; ///< after they were resolved

/// Error::Conflict beyond mostRules. @return the rule with its id.
AlertRule addRule(db::Connection &connection, AlertRule rule);
QList<AlertRule> rules(db::Connection &connection);
/// Resolves its alert. Error::NotFound.
std::optional<Alert> removeRule(db::Connection &connection, qint64 id, Timestamp now);

/// Nothing if the rule is gone.
std::optional<Alert> fire(db::Connection &connection, const AlertRule &rule, std::optional<double> value,
                          Timestamp now);
/// Nothing if it was not firing.
std::optional<Alert> resolve(db::Connection &connection, qint64 ruleId, Timestamp now);
QSet<qint64> firingRules(db::Connection &connection);
QList<Alert> alerts(db::Connection &connection, const AlertQuery &query);
void pruneAlerts(db::Connection &connection, Timestamp now);

} // namespace store
} // namespace godwit::sensors
