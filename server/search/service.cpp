// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/service.h"

#include "server/search/querysyntax.h"
#include "shared/async/future.h"
#include "shared/core/jsonreader.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace godwit::search {

/// Characters; it is shown in lists.
static constexpr qsizetype longestTitle = 1000;

Result<NewDocument> NewDocument::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    NewDocument document{ .title = reader.text("title"_L1), .body = reader.text("body"_L1) };
    if (document.title.trimmed().isEmpty())
        reader.fail("title"_L1, u"must not be empty"_s);
    if (document.title.size() > longestTitle)
        reader.fail("title"_L1, u"must have at most %1 characters"_s.arg(longestTitle));
    return reader.finish(std::move(document));
}

static ResultCache::Options withCost(ResultCache::Options options)
{
    options.cost = costOf;
    return options;
}

Service::Service(db::Pool &pool, ResultCache::Options cache, const Clock &clock)
    : m_pool(pool),
      m_cache(std::make_shared<ResultCache>(withCost(std::move(cache)), clock))
{
}

static Found rendered(QList<protocol::SearchHit> hits)
{
    QJsonArray array;
    for (const auto &hit : hits)
        array.append(hit.toJson());
    return { .hits = std::move(hits), .json = QJsonDocument(array).toJson(QJsonDocument::Compact) };
}

QFuture<Found> Service::search(async::Context context, Query query)
{
    if (query.text.trimmed().isEmpty())
        throw Error(Error::Code::InvalidArgument, u"\"q\" must not be empty"_s);
    if (query.limit < 1 || query.limit > 100)
        throw Error(Error::Code::InvalidArgument, u"\"limit\" must be between 1 and 100"_s);
    const QString expression = toFtsExpression(query.text);
    if (expression.isEmpty())
        return async::readyFuture(rendered({}));
    const QString key = QString::number(query.limit) + u' ' + query.kind + u' ' + expression;
    if (auto known = m_cache->find(key)) {
        Found found = *std::move(known->value);
        found.isFromCache = true;
        return async::readyFuture(std::move(found));
    }
    return m_pool
        .readRetrying(std::move(context),
                      [cache = m_cache, expression, key, query,
                       generation = m_cache->generation(key)](db::Connection &connection) {
                          Found found = rendered(store::find(connection, expression, query));
                          cache->fill(key, found, generation);
                          return found;
                      })
        .future();
}

QFuture<protocol::Document> Service::document(async::Context context, qint64 id)
{
    return m_pool
        .readRetrying(std::move(context), [id](db::Connection &connection) { return store::get(connection, id); })
        .future();
}

/// Empties the cache after the commit and before the caller hears of it: whoever has the answer finds what he wrote.
template<class Work>
auto Service::write(async::Context context, Work work)
{
    return m_pool.write(std::move(context), std::move(work), [cache = m_cache](const auto &) { cache->clear(); })
        .future();
}

QFuture<protocol::Document> Service::createDocument(async::Context context, NewDocument document)
{
    return write(std::move(context), [document = std::move(document)](db::Connection &connection) {
        return store::create(connection, document);
    });
}

QFuture<protocol::Document> Service::updateDocument(async::Context context, qint64 id, NewDocument document)
{
    return write(std::move(context), [id, document = std::move(document)](db::Connection &connection) {
        return store::update(connection, id, document);
    });
}

QFuture<qint64> Service::removeDocument(async::Context context, qint64 id)
{
    return write(std::move(context), [id](db::Connection &connection) {
        store::remove(connection, id);
        return id;
    });
}

QFuture<qint64> Service::putImported(async::Context context, QList<store::Imported> documents, qint64 stamp)
{
    return write(std::move(context), [documents = std::move(documents), stamp](db::Connection &connection) {
        store::put(connection, documents, stamp);
        return qint64(documents.size());
    });
}

QFuture<qint64> Service::removeUnseen(async::Context context, QString source, qint64 stamp, int limit)
{
    return write(std::move(context), [source = std::move(source), stamp, limit](db::Connection &connection) {
        return store::removeUnseen(connection, source, stamp, limit);
    });
}

} // namespace godwit::search
