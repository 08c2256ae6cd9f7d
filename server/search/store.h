// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "server/search/query.h"

/// The SQL of documents and their index. Functions are jobs for db::Pool.
namespace godwit::search::store {

QList<protocol::SearchHit> find(db::Connection &connection, const QString &ftsExpression, const Query &query);

/// @throws Error::NotFound, as do update() and remove().
protocol::Document get(db::Connection &connection, qint64 id);
protocol::Document create(db::Connection &connection, const NewDocument &document);
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
