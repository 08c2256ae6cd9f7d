// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"
#include "shared/protocol/search.h"

#include <QByteArray>
#include <QJsonObject>
#include <QList>
#include <QString>

namespace godwit::search {

/// What is looked for.
struct Query
{
    QString text{}; ///< as typed; see toFtsExpression()
    int limit = 10; ///< 1 to 100
    QString kind{}; ///< only this kind; empty: all
};

/// What was found, best first.
struct Found
{
    QList<protocol::SearchHit> hits;
    QByteArray json; ///< the hits, rendered once and kept with them
    bool isFromCache = false;
};

/// Body of POST and PUT.
struct NewDocument
{
    QString title;
    QString body;

    static Result<NewDocument> fromJson(const QJsonObject &json);
};

} // namespace godwit::search
