// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"
#include "server/search/query.h"
#include "server/search/resultcache.h"
#include "server/search/store.h"

#include <QFuture>

namespace godwit::search {

/// Full-text search over documents. A front: all functions from any thread.
class Service
{
public:
    explicit Service(db::Pool &pool, ResultCache::Options cache = resultCacheOptions(),
                     const Clock &clock = Clock::system());

    /// The cache, then the database, then the cache is filled. Own writes empty the cache; those of another process
    /// are seen when its entries have grown old.
    /// @throws Error::InvalidArgument for a blank text or a limit outside 1 to 100.
    QFuture<Found> search(async::Context context, Query query);

    /// Their results fail with Error::NotFound if there is none of that id.
    QFuture<protocol::Document> document(async::Context context, qint64 id);
    QFuture<protocol::Document> createDocument(async::Context context, NewDocument document);
    QFuture<protocol::Document> updateDocument(async::Context context, qint64 id, NewDocument document);
    /// @return the id.
    QFuture<qint64> removeDocument(async::Context context, qint64 id);

    /// For the importer: one write, of some hundred documents at most, so that others are not held up.
    /// @return how many.
    QFuture<qint64> putImported(async::Context context, QList<store::Imported> documents, qint64 stamp);
    QFuture<qint64> removeUnseen(async::Context context, QString source, qint64 stamp, int limit);

    ResultCache::Figures cacheFigures() const { return m_cache->figures(); }

private:
    template<class Work>
    auto write(async::Context context, Work work);

    db::Pool &m_pool;
    const std::shared_ptr<ResultCache> m_cache; // shared with the jobs in flight, which may outlive the service
};

} // namespace godwit::search
