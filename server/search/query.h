// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/search/scope.h"
#include "shared/core/result.h"
#include "shared/protocol/principal.h"

#include <QByteArray>
#include <QJsonObject>
#include <QString>

namespace godwit::search {

/// What is looked for, and by whom.
struct Query
{
    /// In which order the cache and the database are asked.
    enum class Mode : quint8 {
        Sequential, ///< the cache, then the database
        Concurrent, ///< both together; a hit cancels the database's query
    };

    QString text{}; ///< as typed; see parseQuery()
    int limit = 10; ///< 1 to 100
    QString kind{}; ///< only these kinds, names separated by commas; empty: all
    Mode mode = Mode::Sequential;
    protocol::Principal caller{}; ///< finds what he may see
};

/// What was found, best first.
struct Found
{
    QByteArray json; ///< an array of protocol::SearchHit, rendered once
    qsizetype count = 0;
    /// The text with a word spelt as the index knows it, if nothing was found and that would find something.
    QString suggestion{};
};

/// Body of POST and PUT.
struct NewDocument
{
    QString title;
    QString body;

    static Result<NewDocument> fromJson(const QJsonObject &json);
};

} // namespace godwit::search
