// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"
#include "shared/core/result.h"

#include <QJsonObject>
#include <QList>
#include <QString>

namespace godwit::protocol {

/// A request that was answered: an item of GET /api/traces.
struct TraceSummary
{
    QString traceId; ///< 32 hexadecimal digits
    QString requestId;
    QString name; ///< `GET /api/search`: the method and the route's pattern
    int status = 0;
    Timestamp timestamp{}; ///< of its begin
    qint64 durationUs = 0;

    QJsonObject toJson() const;
    static Result<TraceSummary> fromJson(const QJsonObject &json);
    bool operator==(const TraceSummary &) const = default;
};

/// A piece of the work for a request; one without a parent in the list is a request as a whole.
struct TraceSpan
{
    QString id, parent; ///< 16 hexadecimal digits; parent may be of another program, or empty
    QString name;
    qint64 startUs = 0; ///< after the begin of the first
    qint64 durationUs = 0;
    bool hasFailed = false;
    QJsonObject attributes{}; ///< what it says of itself: `statement`, `attempt`, `outcome`

    QJsonObject toJson() const;
    static Result<TraceSpan> fromJson(const QJsonObject &json);
    bool operator==(const TraceSpan &) const = default;
};

/// GET /api/traces/{id}: a waterfall.
struct TraceDetail
{
    QString traceId;
    Timestamp timestamp{}; ///< of the first span's begin
    QList<TraceSpan> spans{}; ///< in order of their begins
    int dropped = 0; ///< that there was no room for

    QJsonObject toJson() const;
    static Result<TraceDetail> fromJson(const QJsonObject &json);
    bool operator==(const TraceDetail &) const = default;
};

} // namespace godwit::protocol
