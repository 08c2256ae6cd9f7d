// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "server/search/query.h"
#include "shared/protocol/search.h"

/// The SQL of documents and their index. Functions are jobs for db::Pool.
namespace godwit::search::store {

/// The best of all kinds together, best first.
///
/// The relevance is the hit's BM25 score as a share of the most that it could be for these words in its kind's index
/// (db/fulltextrank.h): 1 - k / (f + k) for a lone word, where f is how often it is there (in a document's title: four
/// times as much, a user's name the same, a task's kind twice) and k is 1.2 in a text of its kind's usual length, down
/// to 0.3 in a very short one. With several words each counts the more the rarer it is. So kinds of different size and
/// length can be compared. Equals: kinds in the order of indexedKinds(), then the newest.
QList<protocol::SearchHit> find(db::Connection &connection, const ParsedQuery &query, const Scope &scope, int limit);
/// Whether find() would find anything.
bool findsAny(db::Connection &connection, const ParsedQuery &query, const Scope &scope);

/// @throws Error::NotFound, as do update() and remove().
protocol::Document get(db::Connection &connection, qint64 id);
/// @p creator is the id of a user, whose activity tells of it; 0: nobody's.
protocol::Document create(db::Connection &connection, const NewDocument &document, qint64 creator);
protocol::Document update(db::Connection &connection, qint64 id, const NewDocument &document);
void remove(db::Connection &connection, qint64 id);

/// A document from a file. The same source and part again replaces it.
struct Imported
{
    QString title;
    QString body;
    QString source; ///< the file's path
    QString part; ///< which document of that file; empty where the file is one
};

/// @param stamp marks what this import has seen.
void put(db::Connection &connection, const QList<Imported> &documents, qint64 stamp);
/// Removes at most @p limit documents of the file or below the folder @p source that the import @p stamp has not seen.
/// @return how many.
qint64 removeUnseen(db::Connection &connection, const QString &source, qint64 stamp, int limit);

} // namespace godwit::search::store
