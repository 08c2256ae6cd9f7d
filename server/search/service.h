// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"
#include "server/search/query.h"
#include "server/search/store.h"
#include "shared/async/ttlcache.h"

#include <QFuture>

namespace godwit::search {

using FoundPointer = std::shared_ptr<const Found>; // shared by the cache and those who are about to answer with it
using ResultCache = async::TtlCache<QString, FoundPointer>;

/// Full-text search over all kinds (scope.h) with a cache in front. A front: all functions from any thread; search() is
/// awaited in a thread with an event loop.
///
/// What the cache promises: who has the answer to a write of a document finds what he wrote. What changes in the other
/// kinds is found Options::settlesWithin later, so that a busy chat room does not make the cache useless. What
/// another process writes is found when the entry has grown old. Only what the caller may see is found: that is part of
/// the query and of the cache's key.
class Service
{
public:
    struct Options
    {
        std::chrono::milliseconds timeToLive{ 60'000 }; ///< of what was found
        std::chrono::milliseconds staleFor{ 60'000 }; ///< served beyond that, while it is looked for again
        std::chrono::milliseconds settlesWithin{ 1'000 };
        std::chrono::milliseconds deadline{ 5'000 }; ///< of a query that several may wait for: what a hang counts as
        qsizetype entries = 10'000; ///< of the cache, at most
        qsizetype bytes = 32 * 1024 * 1024;
    };

    explicit Service(db::Pool &pool) : Service(pool, Options()) { }
    Service(db::Pool &pool, Options options, const Clock &clock = Clock::system());

    struct Answer
    {
        FoundPointer found;
        ResultCache::Source source = ResultCache::Source::Miss;
    };
    /// In the order that Query::mode says. Several who look for the same at a time, one after the other, share a query.
    /// @throws Error::InvalidArgument for a blank text, a limit outside 1 to 100 or a kind that there is not.
    QCoro::Task<Answer> search(async::Context context, Query query);

    /// Their results fail with Error::NotFound if there is none of that id.
    QFuture<protocol::Document> document(async::Context context, qint64 id);
    /// @p creator is the id of a user, whose activity tells of it; 0: nobody's.
    QFuture<protocol::Document> createDocument(async::Context context, NewDocument document, qint64 creator = 0);
    QFuture<protocol::Document> updateDocument(async::Context context, qint64 id, NewDocument document);
    /// @return the id.
    QFuture<qint64> removeDocument(async::Context context, qint64 id);

    /// For the importer: one write, of some hundred documents at most, so that others are not held up.
    /// @return how many.
    QFuture<qint64> putImported(async::Context context, QList<store::Imported> documents, qint64 stamp);
    QFuture<qint64> removeUnseen(async::Context context, QString source, qint64 stamp, int limit);

    ResultCache &cache() { return m_shared->cache; }

    struct Figures
    {
        qint64 queries = 0; ///< begun on a database thread
        qint64 cancelled = 0; ///< of these: ended early, because the cache was faster or the client has left
    };
    Figures figures() const;

private:
    /// Shared with the queries in flight, which may outlive the service.
    struct Shared
    {
        Shared(ResultCache::Options options, const Clock &clock) : cache(std::move(options), clock) { }

        ResultCache cache;
        std::atomic<qint64> queries{ 0 }, cancelled{ 0 };
    };
    struct Job;

    static QCoro::Task<async::Loaded<FoundPointer>> load(db::Pool &pool, async::Context context, Job job);
    QCoro::Task<Answer> searchConcurrently(async::Context context, QString key, Job job);
    QString keyOf(const Query &query, const QString &text, const Scope &scope);
    quint64 othersVersion();

    db::Pool &m_pool;
    const Options m_options;
    const Clock &m_clock;
    const std::shared_ptr<Shared> m_shared;
    db::ChangeCounters::Counter m_documents;
    std::vector<db::ChangeCounters::Counter> m_others;
    std::atomic<TimePoint::rep> m_sampledAt{ std::numeric_limits<TimePoint::rep>::min() }; // the others' counters
    std::atomic<quint64> m_othersVersion{ 0 };
};

} // namespace godwit::search
