// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/store.h"

#include "server/search/snippet.h"
#include "shared/core/clock.h"

using namespace Qt::StringLiterals;

namespace godwit::search::store {

static qint64 nowMs()
{
    return Clock::system().timestamp().time_since_epoch().count();
}

/// bm25 is negative and has no least value; the better, the smaller. Monotone, in (0, 1].
static double toRelevance(double bm25)
{
    const double score = std::max(-bm25, 1e-6);
    return score / (1 + score);
}

static Error notFound(qint64 id)
{
    return { Error::Code::NotFound, u"there is no document with id %1"_s.arg(id) };
}

QList<protocol::SearchHit> find(db::Connection &connection, const QString &ftsExpression, const Query &query)
{
    // The title's own highlight stands in where nothing in the body matched: a snippet always shows why.
    static constexpr char16_t select[]
        = u"SELECT d.id, d.kind, d.title, snippet(documents_fts, 1, char(2), char(3), '…', 24), "
          "highlight(documents_fts, 0, char(2), char(3)), documents_fts.rank "
          "FROM documents_fts JOIN documents d ON d.id = documents_fts.rowid "
          "WHERE documents_fts MATCH ? AND (? = '' OR d.kind = ?) ORDER BY documents_fts.rank LIMIT ?";
    // A null string would be NULL, and equal to nothing.
    const QString kind = query.kind.isEmpty() ? u""_s : query.kind;
    QSqlQuery &rows = connection.execute(select, { ftsExpression, kind, kind, query.limit });
    QList<protocol::SearchHit> hits;
    while (rows.next()) {
        QString snippet = rows.value(3).toString();
        if (!snippet.contains(QChar(matchBegin)))
            snippet = rows.value(4).toString();
        hits.append({ .id = rows.value(0).toLongLong(),
                      .kind = rows.value(1).toString(),
                      .title = rows.value(2).toString(),
                      .snippet = toMarkedHtml(snippet),
                      .relevance = toRelevance(rows.value(5).toDouble()) });
    }
    return hits;
}

protocol::Document get(db::Connection &connection, qint64 id)
{
    QSqlQuery &row = connection.execute(u"SELECT title, body, source FROM documents WHERE id = ?", { id });
    if (!row.next())
        throw notFound(id);
    return {
        .id = id, .title = row.value(0).toString(), .body = row.value(1).toString(), .source = row.value(2).toString()
    };
}

/// A null string would be NULL, which the columns refuse.
static QString stored(const QString &text)
{
    const QString clean = withoutControlCharacters(text);
    return clean.isNull() ? u""_s : clean;
}

protocol::Document create(db::Connection &connection, const NewDocument &document)
{
    const qint64 now = nowMs();
    QSqlQuery &row = connection.execute(
        u"INSERT INTO documents (title, body, created_at, updated_at) VALUES (?, ?, ?, ?) RETURNING id",
        { stored(document.title), stored(document.body), now, now });
    row.next();
    return get(connection, row.value(0).toLongLong());
}

protocol::Document update(db::Connection &connection, qint64 id, const NewDocument &document)
{
    const QSqlQuery &query
        = connection.execute(u"UPDATE documents SET title = ?, body = ?, updated_at = ? WHERE id = ?",
                             { stored(document.title), stored(document.body), nowMs(), id });
    if (query.numRowsAffected() < 1)
        throw notFound(id);
    return get(connection, id);
}

void remove(db::Connection &connection, qint64 id)
{
    if (connection.execute(u"DELETE FROM documents WHERE id = ?", { id }).numRowsAffected() < 1)
        throw notFound(id);
}

void put(db::Connection &connection, const QList<Imported> &documents, qint64 stamp)
{
    const qint64 now = nowMs();
    for (const Imported &document : documents) {
        const QString title = stored(document.title), body = stored(document.body), source = stored(document.source),
                      part = stored(document.part);
        // Most of a second import has not changed: then the index has no work.
        const QSqlQuery &same = connection.execute(
            u"UPDATE documents SET stamp = ? WHERE source = ? AND source <> '' AND part = ? AND title = ? AND body = ?",
            { stamp, source, part, title, body });
        if (same.numRowsAffected() > 0)
            continue;
        connection.execute(u"INSERT INTO documents (title, body, source, part, stamp, created_at, updated_at) "
                           "VALUES (?, ?, ?, ?, ?, ?, ?) "
                           "ON CONFLICT (source, part) WHERE source <> '' DO UPDATE SET title = excluded.title, "
                           "body = excluded.body, stamp = excluded.stamp, updated_at = excluded.updated_at",
                           { title, body, source, part, stamp, now, now });
    }
}

qint64 removeUnseen(db::Connection &connection, const QString &source, qint64 stamp, int limit)
{
    // What lies below a folder sorts between "folder/" and "folder0", the character after the slash.
    const QSqlQuery &query = connection.execute(
        u"DELETE FROM documents WHERE id IN (SELECT id FROM documents "
        "WHERE source <> '' AND (source = ? OR (source >= ? AND source < ?)) AND stamp <> ? LIMIT ?)",
        { source, QString(source + u"/"_s), QString(source + u"0"_s), stamp, limit });
    return query.numRowsAffected();
}

} // namespace godwit::search::store
