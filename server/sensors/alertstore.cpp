// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/alertstore.h"

using namespace Qt::StringLiterals;

namespace godwit::sensors::store {

#define GODWIT_ALERT_COLUMNS u"id, rule_id, rule_name, series, condition, threshold, value, fired_at, resolved_at"

namespace {

qint64 toMs(Timestamp time)
{
    return time.time_since_epoch().count();
}

Timestamp fromMs(const QVariant &ms)
{
    return Timestamp(std::chrono::milliseconds(ms.toLongLong()));
}

AlertRule::Condition readCondition(const QVariant &text)
{
    return conditionFrom(text.toString()).value_or(AlertRule::Condition::NoData);
}

Alert readAlert(const QSqlQuery &row)
{
    Alert alert{ .id = row.value(0).toLongLong(),
                 .ruleId = row.value(1).toLongLong(),
                 .ruleName = row.value(2).toString(),
                 .series = row.value(3).toString(),
                 .condition = readCondition(row.value(4)),
                 .threshold = row.value(5).toDouble(),
                 .firedAt = fromMs(row.value(7)) };
    if (!row.value(6).isNull())
        alert.value = row.value(6).toDouble();
    if (!row.value(8).isNull())
        alert.resolvedAt = fromMs(row.value(8));
    return alert;
}

std::optional<Alert> readOne(QSqlQuery &row)
{
    std::optional<Alert> alert;
    if (row.next())
        alert = readAlert(row);
    row.finish();
    return alert;
}

} // namespace

AlertRule addRule(db::Connection &connection, AlertRule rule)
{
    QSqlQuery &count = connection.execute(u"SELECT count(*) FROM alert_rules");
    const bool isFull = count.next() && count.value(0).toInt() >= mostRules;
    count.finish();
    if (isFull)
        throw Error(Error::Code::Conflict, u"there are %1 rules already, the most there can be"_s.arg(mostRules));
    QSqlQuery &row = connection.execute(
        u"INSERT INTO alert_rules (name, series, condition, threshold, hysteresis, hold_for, "
        "created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        { rule.name, rule.series, toString(rule.condition), rule.threshold, rule.hysteresis,
          qint64(rule.holdFor.count()), toMs(rule.createdAt), rule.createdBy.isNull() ? u""_s : rule.createdBy });
    row.next();
    rule.id = row.value(0).toLongLong();
    row.finish();
    return rule;
}

QList<AlertRule> rules(db::Connection &connection)
{
    QSqlQuery &rows = connection.execute(u"SELECT id, name, series, condition, threshold, hysteresis, hold_for, "
                                         "created_at, created_by FROM alert_rules ORDER BY id");
    QList<AlertRule> rules;
    while (rows.next())
        rules.append({ .id = rows.value(0).toLongLong(),
                       .name = rows.value(1).toString(),
                       .series = rows.value(2).toString(),
                       .condition = readCondition(rows.value(3)),
                       .threshold = rows.value(4).toDouble(),
                       .hysteresis = rows.value(5).toDouble(),
                       .holdFor = std::chrono::milliseconds(rows.value(6).toLongLong()),
                       .createdAt = fromMs(rows.value(7)),
                       .createdBy = rows.value(8).toString() });
    return rules;
}

std::optional<Alert> removeRule(db::Connection &connection, qint64 id, Timestamp now)
{
    QSqlQuery &row = connection.execute(u"DELETE FROM alert_rules WHERE id = ? RETURNING id", { id });
    const bool wasThere = row.next();
    row.finish();
    if (!wasThere)
        throw Error(Error::Code::NotFound, u"there is no alert rule with id %1"_s.arg(id));
    return resolve(connection, id, now);
}

std::optional<Alert> fire(db::Connection &connection, const AlertRule &rule, std::optional<double> value, Timestamp now)
{
    QSqlQuery &row = connection.execute(u"INSERT INTO alerts (rule_id, rule_name, series, condition, threshold, value, "
                                        "fired_at) SELECT id, name, series, condition, threshold, ?, ? "
                                        "FROM alert_rules WHERE id = ? RETURNING " GODWIT_ALERT_COLUMNS,
                                        { value ? QVariant(*value) : QVariant(), toMs(now), rule.id });
    return readOne(row);
}

std::optional<Alert> resolve(db::Connection &connection, qint64 ruleId, Timestamp now)
{
    QSqlQuery &row = connection.execute(u"UPDATE alerts SET resolved_at = ? WHERE rule_id = ? AND resolved_at IS NULL "
                                        "RETURNING " GODWIT_ALERT_COLUMNS,
                                        { toMs(now), ruleId });
    return readOne(row);
}

QSet<qint64> firingRules(db::Connection &connection)
{
    QSet<qint64> ids;
    QSqlQuery &rows = connection.execute(u"SELECT rule_id FROM alerts WHERE resolved_at IS NULL");
    while (rows.next())
        ids.insert(rows.value(0).toLongLong());
    return ids;
}

QList<Alert> alerts(db::Connection &connection, const AlertQuery &query)
{
    const qint64 before = query.before > 0 ? query.before : std::numeric_limits<qint64>::max();
    const auto ask = [&]() -> QSqlQuery & {
        if (!query.isFiring)
            return connection.execute(
                u"SELECT " GODWIT_ALERT_COLUMNS u" FROM alerts WHERE id < ? ORDER BY id DESC LIMIT ?",
                { before, query.limit });
        if (*query.isFiring)
            return connection.execute(u"SELECT " GODWIT_ALERT_COLUMNS u" FROM alerts WHERE resolved_at IS NULL "
                                      u"AND id < ? ORDER BY id DESC LIMIT ?",
                                      { before, query.limit });
        return connection.execute(u"SELECT " GODWIT_ALERT_COLUMNS u" FROM alerts WHERE resolved_at IS NOT NULL "
                                  u"AND id < ? ORDER BY id DESC LIMIT ?",
                                  { before, query.limit });
    };
    QSqlQuery &rows = ask();
    QList<Alert> alerts;
    while (rows.next())
        alerts.append(readAlert(rows));
    return alerts;
}

void pruneAlerts(db::Connection &connection, Timestamp now)
{
    connection.execute(u"DELETE FROM alerts WHERE resolved_at < ?", { toMs(now - keptAlerts) });
}

} // namespace godwit::sensors::store
