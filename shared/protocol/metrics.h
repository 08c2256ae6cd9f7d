// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"
#include "shared/core/result.h"

#include <QJsonObject>
#include <QList>
#include <QString>

namespace godwit::protocol {

/// One route's figures since the last sample.
struct RouteMetrics
{
    QString route; ///< `GET /api/search`
    double requestsPerSecond = 0;
    double errorsPerSecond = 0;
    double p50Ms = 0, p99Ms = 0;

    QJsonObject toJson() const;
    static Result<RouteMetrics> fromJson(const QJsonObject &json);
    bool operator==(const RouteMetrics &) const = default;
};

/// `event: metrics` of GET /api/metrics/stream, once a second. Figures of this host; what cannot be read is NaN inside
/// and null on the wire.
struct MetricsSample
{
    Timestamp timestamp{};
    double cpuUsage = 0; ///< percent of all cores, 0 to 100
    double memoryUsage = 0; ///< percent
    double requestsPerSecond = 0;
    qint64 counter = 0; ///< of samples since the start
    double p50Ms = 0, p95Ms = 0, p99Ms = 0;
    qint64 httpConnections = 0, sseConnections = 0, webSocketConnections = 0;
    double errorsPerSecond = 0;
    double load1 = 0, load5 = 0, load15 = 0;
    qint64 memoryTotalBytes = 0, memoryUsedBytes = 0, processMemoryBytes = 0;
    double processCpuUsage = 0; ///< percent of one core
    double diskReadPerSecond = 0, diskWritePerSecond = 0; ///< bytes
    double networkReceivePerSecond = 0, networkSendPerSecond = 0; ///< bytes, without loopback
    double temperature = 0; ///< degC, the hottest sensor; NaN without one
    QList<RouteMetrics> routes;

    QJsonObject toJson() const;
    static Result<MetricsSample> fromJson(const QJsonObject &json);
};

} // namespace godwit::protocol
