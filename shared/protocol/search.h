// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QJsonObject>
#include <QString>

namespace godwit::protocol {

/// One row of GET /api/search.
struct SearchHit
{
    qint64 id = 0;
    QString kind; ///< `document`, `message`, `task`, ...
    QString title;
    QString snippet; ///< HTML-escaped text with the matches in `<mark>`
    double relevance = 0; ///< in (0, 1], best first

    QJsonObject toJson() const;
    static Result<SearchHit> fromJson(const QJsonObject &json);
};

/// A document as GET /api/documents/{id} shows it.
struct Document
{
    qint64 id = 0;
    QString title;
    QString body;
    QString source; ///< where it was imported from; empty for one made by hand

    QJsonObject toJson() const;
    static Result<Document> fromJson(const QJsonObject &json);
};

} // namespace godwit::protocol
