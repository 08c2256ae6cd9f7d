// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/service.h"

#include "server/search/querysyntax.h"
#include "server/search/suggestion.h"
#include "shared/async/gather.h"
#include "shared/core/jsonreader.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace godwit::search {

/// Characters; it is shown in lists.
static constexpr qsizetype longestTitle = 1000;
/// Table of the kind whose changes are found at once.
static constexpr QByteArrayView documentsTable = "documents";

Result<NewDocument> NewDocument::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    NewDocument document{ .title = reader.text("title"_L1), .body = reader.text("body"_L1) };
    if (document.title.trimmed().isEmpty())
        reader.fail("title"_L1, u"must not be empty"_s);
    if (document.title.size() > longestTitle)
        reader.fail("title"_L1, u"must have at most %1 characters"_s.arg(longestTitle));
    return reader.finishBody(std::move(document));
}

static qsizetype bytesOf(const QString &key, const FoundPointer &found)
{
    return 2 * key.size() + qsizetype(sizeof(Found)) + found->json.size() + 2 * found->suggestion.size();
}

/// What a query does on a database thread. A value: the service may be gone by then.
struct Service::Job
{
    std::shared_ptr<Shared> shared; // see Shared
    QString text;
    ParsedQuery query;
    Scope scope;
    int limit = 0;

    FoundPointer operator()(db::Connection &connection) const
    {
        ++shared->queries;
        try {
            return std::make_shared<const Found>(find(connection));
        } catch (const Error &error) {
            if (error.code() == Error::Code::Cancelled)
                ++shared->cancelled;
            throw;
        }
    }

private:
    Found find(db::Connection &connection) const
    {
        connection.readOneMoment();
        QJsonArray array;
        for (const protocol::SearchHit &hit : store::find(connection, query, scope, limit))
            array.append(hit.toJson());
        Found found{ .json = QJsonDocument(array).toJson(QJsonDocument::Compact), .count = array.size() };
        if (array.isEmpty())
            found.suggestion = suggestion(connection, text, query, scope);
        return found;
    }
};

Service::Service(db::Pool &pool, Options options, const Clock &clock)
    : m_pool(pool),
      m_options(options),
      m_clock(clock),
      m_shared(std::make_shared<Shared>(ResultCache::Options{ .name = u"search"_s,
                                                              .timeToLive = options.timeToLive,
                                                              .staleFor = options.staleFor,
                                                              .loadDeadline = options.deadline,
                                                              .entries = options.entries,
                                                              .bytes = options.bytes,
                                                              .cost = bytesOf },
                                        clock)),
      m_documents(pool.changesOf(documentsTable.toByteArray()))
{
    for (const IndexedKind &kind : indexedKinds()) {
        if (kind.table != documentsTable)
            m_others.push_back(pool.changesOf(kind.table));
    }
}

static Service::Answer nothing()
{
    return { std::make_shared<const Found>(Found{ .json = "[]" }), ResultCache::Source::Miss };
}

QCoro::Task<Service::Answer> Service::search(async::Context context, Query query)
{
    const QString text = query.text.simplified();
    if (text.isEmpty())
        throw Error(Error::Code::InvalidArgument, u"\"q\" must not be empty"_s);
    if (query.limit < 1 || query.limit > 100)
        throw Error(Error::Code::InvalidArgument, u"\"limit\" must be between 1 and 100"_s);
    Job job{ .shared = m_shared, .text = text, .query = parseQuery(text), .scope = {}, .limit = query.limit };
    job.scope = scopeOf(query.caller, query.kind, job.query);
    if (job.query.expression.isEmpty())
        co_return nothing();
    const QString key = keyOf(query, text, job.scope);
    if (query.mode == Query::Mode::Concurrent) {
        auto searching = searchConcurrently(std::move(context), key, std::move(job));
        co_return co_await std::move(searching);
    }
    auto lookup = m_shared->cache.get(
        context, key, [&pool = m_pool, job = std::move(job)](const async::Context &c) { return load(pool, c, job); });
    auto found = co_await lookup;
    const Answer answer{ .found = *std::move(found.value), .source = found.source };
    co_return answer;
}

QCoro::Task<async::Loaded<FoundPointer>> Service::load(db::Pool &pool, async::Context context, Job job)
{
    auto found = pool.readRetrying(std::move(context), std::move(job));
    FoundPointer loaded = co_await std::move(found);
    co_return loaded;
}

QCoro::Task<Service::Answer> Service::searchConcurrently(async::Context context, QString key, Job job)
{
    async::LinkedStop race(context.stop);
    context.stop = race.token();
    const quint64 generation = m_shared->cache.generation(key);
    // The later of the two fills the cache: the query must not be so quick that the cache's answer is its own.
    const auto isSecond = std::make_shared<std::atomic<bool>>(false); // shared by the two
    auto query
        = m_pool.readRetrying(context, [key, generation, isSecond, job = std::move(job)](db::Connection &connection) {
              FoundPointer found = job(connection);
              if (isSecond->exchange(true))
                  job.shared->cache.fill(key, async::Loaded<FoundPointer>(found), generation);
              return found;
          });
    async::Span span(context.trace, "cache");
    auto known = m_shared->cache.find(key);
    if (span) {
        span.set("name", m_shared->cache.options().name.toUtf8());
        span.set("outcome", !known ? "miss"_ba : known->source == ResultCache::Source::Hit ? "hit"_ba : "stale"_ba);
        span.end();
    }
    const bool isQueryDone = isSecond->exchange(true);
    const bool isHit = known && known->source == ResultCache::Source::Hit;
    if (isHit)
        race.requestStop();
    Answer answer;
    if (isHit || (known && !isQueryDone)) { // what is stale is made fresh by the query, which goes on
        answer = { .found = *std::move(known->value), .source = known->source };
        co_return answer;
    }
    answer.found = co_await std::move(query);
    if (isQueryDone)
        m_shared->cache.fill(key, async::Loaded<FoundPointer>(answer.found), generation);
    co_return answer;
}

/// What it was when somebody last looked who did so Options::settlesWithin after the one before.
quint64 Service::othersVersion()
{
    const TimePoint now = m_clock.now();
    auto last = m_sampledAt.load();
    const bool isDue = last == std::numeric_limits<TimePoint::rep>::min()
        || now - TimePoint(TimePoint::duration(last)) >= m_options.settlesWithin;
    if (isDue && m_sampledAt.compare_exchange_strong(last, now.time_since_epoch().count())) {
        quint64 sum = 0;
        for (const auto &counter : m_others)
            sum += counter->load();
        m_othersVersion = sum;
    }
    return m_othersVersion;
}

/// With what the tables were at: what has changed is another key, and what nobody asks for any more falls out.
QString Service::keyOf(const Query &query, const QString &text, const Scope &scope)
{
    quint64 documents = 0, others = 0;
    for (const Scope::Part &part : scope.parts) {
        if (part.kind->table == documentsTable)
            documents = m_documents->load();
        else
            others = othersVersion();
    }
    return QString::number(query.limit) + u' ' + QString::number(documents) + u' ' + QString::number(others) + u' '
        + scope.key() + u'\n' + text; // the text has no line ends
}

Service::Figures Service::figures() const
{
    return { .queries = m_shared->queries, .cancelled = m_shared->cancelled };
}

QFuture<protocol::Document> Service::document(async::Context context, qint64 id)
{
    return m_pool
        .readRetrying(std::move(context), [id](db::Connection &connection) { return store::get(connection, id); })
        .future();
}

QFuture<protocol::Document> Service::createDocument(async::Context context, NewDocument document, qint64 creator)
{
    return m_pool
        .write(std::move(context),
               [document = std::move(document), creator](db::Connection &connection) {
                   return store::create(connection, document, creator);
               })
        .future();
}

QFuture<protocol::Document> Service::updateDocument(async::Context context, qint64 id, NewDocument document)
{
    return m_pool
        .write(std::move(context),
               [id, document = std::move(document)](db::Connection &connection) {
                   return store::update(connection, id, document);
               })
        .future();
}

QFuture<qint64> Service::removeDocument(async::Context context, qint64 id)
{
    return m_pool
        .write(std::move(context),
               [id](db::Connection &connection) {
                   store::remove(connection, id);
                   return id;
               })
        .future();
}

QFuture<qint64> Service::putImported(async::Context context, QList<store::Imported> documents, qint64 stamp)
{
    return m_pool
        .write(std::move(context),
               [documents = std::move(documents), stamp](db::Connection &connection) {
                   store::put(connection, documents, stamp);
                   return qint64(documents.size());
               })
        .future();
}

QFuture<qint64> Service::removeUnseen(async::Context context, QString source, qint64 stamp, int limit)
{
    return m_pool
        .write(std::move(context),
               [source = std::move(source), stamp, limit](db::Connection &connection) {
                   return store::removeUnseen(connection, source, stamp, limit);
               })
        .future();
}

} // namespace godwit::search
