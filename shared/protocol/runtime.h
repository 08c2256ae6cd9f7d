// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"
#include "shared/core/result.h"

#include <QJsonObject>
#include <QList>
#include <QString>
#include <QStringList>

namespace godwit::protocol {

/// One part of the running server: a pool, a cache, a breaker, a connection.
struct RuntimePart
{
    QString
        kind; ///< `worker pool cache breaker limiter bulkhead shedder queue room connection settings`, and more to come
    QString name; ///< unique in its kind
    QString state; ///< one word of its kind: `closed`, `open`, `idle`, `paused`; empty where there is nothing to say
    qint64 queueBytes = 0; ///< that wait in it
    QJsonObject figures{}; ///< what it counts; durations are seconds unless the name says otherwise
    QJsonObject limits{}; ///< what it was told
    QStringList actions{}; ///< POST /api/runtime/{kind}/{name}/{action}

    QJsonObject toJson() const;
    static Result<RuntimePart> fromJson(const QJsonObject &json);
    bool operator==(const RuntimePart &) const = default;
};

/// GET /api/runtime, and `event: runtime` of its stream.
struct RuntimeSnapshot
{
    Timestamp timestamp{};
    QList<RuntimePart> items{};
    /// Parts of a kind that were left out because there are too many: `{"connection": 7800}`.
    QJsonObject omitted{};

    QJsonObject toJson() const;
    static Result<RuntimeSnapshot> fromJson(const QJsonObject &json);
    bool operator==(const RuntimeSnapshot &) const = default;
};

} // namespace godwit::protocol
