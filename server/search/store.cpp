// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/store.h"

#include "server/search/highlighter.h"
#include "server/search/snippet.h"
#include "server/users/profilestore.h"
#include "shared/core/clock.h"

using namespace Qt::StringLiterals;

namespace godwit::search::store {

static qint64 nowMs()
{
    return Clock::system().timestamp().time_since_epoch().count();
}

static Error notFound(qint64 id)
{
    return { Error::Code::NotFound, u"there is no document with id %1"_s.arg(id) };
}

namespace {

/// A hit before its texts are read.
struct Ranked
{
    const IndexedKind *kind;
    qint64 id;
    double relevance;
};

std::vector<Ranked> rank(db::Connection &connection, const ParsedQuery &query, const Scope &scope, int limit)
{
    std::vector<Ranked> ranked;
    for (const Scope::Part &part : scope.parts) {
        QVariantList values{ query.wantedPhrases, query.expression };
        if (part.isOwnOnly)
            values << scope.userId << (scope.userName.isNull() ? u""_s : scope.userName);
        values << limit;
        QSqlQuery &rows = connection.execute(part.isOwnOnly ? part.kind->ownRank : part.kind->rank, values);
        while (rows.next())
            ranked.push_back({ part.kind, rows.value(0).toLongLong(), rows.value(1).toDouble() });
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const Ranked &a, const Ranked &b) { return a.relevance > b.relevance; });
    ranked.resize(std::min(ranked.size(), size_t(limit)));
    return ranked;
}

/// Why it was found: the body's best place, or the title with its matches, and how the body begins where it is short.
QString snippetOf(const Highlighter &titles, const Highlighter &bodies, const QString &title, const QString &body,
                  bool isDocument)
{
    QString snippet = bodies.snippet(body);
    if (!snippet.isEmpty())
        return toMarkedHtml(snippet);
    snippet = titles.marked(title);
    const QString beginning = isDocument ? QString() : Highlighter::beginning(body);
    if (!beginning.isEmpty())
        snippet += u": "_s + beginning;
    return toMarkedHtml(snippet);
}

} // namespace

QList<protocol::SearchHit> find(db::Connection &connection, const ParsedQuery &query, const Scope &scope, int limit)
{
    const Highlighter titles(query.terms, Field::Title), bodies(query.terms, Field::Body);
    QList<protocol::SearchHit> hits;
    for (const Ranked &ranked : rank(connection, query, scope, limit)) {
        QSqlQuery &row = connection.execute(ranked.kind->text, { ranked.id });
        if (!row.next())
            continue; // removed just now
        const QString title = row.value(0).toString();
        hits.append(
            { .id = ranked.id,
              .kind = ranked.kind->name,
              .title = title,
              .snippet = snippetOf(titles, bodies, title, row.value(1).toString(), ranked.kind->name == "document"_L1),
              .relevance = ranked.relevance });
    }
    return hits;
}

bool findsAny(db::Connection &connection, const ParsedQuery &query, const Scope &scope)
{
    return !rank(connection, query, scope, 1).empty();
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

protocol::Document create(db::Connection &connection, const NewDocument &document, qint64 creator)
{
    const qint64 now = nowMs();
    QSqlQuery &row = connection.execute(
        u"INSERT INTO documents (title, body, created_at, updated_at) VALUES (?, ?, ?, ?) RETURNING id",
        { stored(document.title), stored(document.body), now, now });
    row.next();
    protocol::Document created = get(connection, row.value(0).toLongLong());
    users::store::addCreation(connection, creator, users::activity::documentCreated, created.title, created.id,
                              Timestamp(std::chrono::milliseconds(now)));
    return created;
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
