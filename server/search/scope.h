// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/search/querysyntax.h"
#include "shared/protocol/principal.h"

#include <QByteArray>
#include <QString>

#include <span>
#include <vector>

namespace godwit::search {

/// A kind of what can be found. One more kind is a row in the table of scope.cpp and a migration with what it names: an
/// FTS5 table with the columns title and body, a view of the same texts by id, and the index's words.
struct IndexedKind
{
    QLatin1StringView name; ///< its name, in `kind=` and in hits
    const char *table; ///< whose changes make old what was found
    QStringView rank; ///< SQL: id, relevance. Binds the number of wanted phrases, the expression, the limit.
    /// The same among what a caller made, where only operators see all; binds also his id and name, before the limit.
    QStringView ownRank;
    QStringView text; ///< SQL: title, body. Binds an id.
    QStringView words; ///< SQL: term, documents with it. Binds from, below; least and greatest length; limit.
};

/// In the order in which equally relevant hits stand.
std::span<const IndexedKind> indexedKinds();

/// Where a caller's query looks: the kinds that are asked for, as far as he may see them.
struct Scope
{
    struct Part
    {
        const IndexedKind *kind = nullptr;
        bool isOwnOnly = false;
    };
    std::vector<Part> parts{};
    qint64 userId = 0;
    QString userName{};

    /// For the cache: callers with the same key see the same.
    QString key() const;
};

/// @param kinds names, separated by commas; empty: all. @p query may narrow them further.
/// @throws Error::InvalidArgument for a kind that there is not.
Scope scopeOf(const protocol::Principal &caller, QStringView kinds, const ParsedQuery &query);

} // namespace godwit::search
