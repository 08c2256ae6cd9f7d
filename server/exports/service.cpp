// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/exports/service.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::exports {

namespace {

qint64 number(db::Connection &connection, QStringView sql, const QVariantList &values)
{
    QSqlQuery &row = connection.execute(sql, values);
    return row.next() ? row.value(0).toLongLong() : 0;
}

void requireSeries(db::Connection &connection, const QString &series)
{
    if (!series.isEmpty() && number(connection, u"SELECT count(*) FROM sensor_series WHERE name = ?", { series }) == 0)
        throw Error(Error::Code::NotFound, u"there is no series \"%1\""_s.arg(series.left(100)));
}

/// Returns the last block: whether that is the end is known when the job is over, as a `next()` that fails looks like
/// it.
QByteArray readRows(db::Connection &connection, RowFeed &feed, const protocol::Principal &caller,
                    const Request &request)
{
    const Dataset &dataset = *request.dataset;
    const bool isOwnOnly = !dataset.ownSql.isEmpty() && !caller.may(protocol::Role::Operator);
    const QStringView sql = isOwnOnly ? dataset.ownSql : dataset.sql;
    const QVariantList values = isOwnOnly ? QVariantList{ caller.userId, caller.name }
        : dataset.isFiltered()            ? dataset.bind(request.filter)
                                          : QVariantList();
    if (dataset.isFiltered())
        requireSeries(connection, request.filter.series);
    if (request.isCounted)
        feed.setTotalRows(number(connection, QString(u"SELECT count(*) FROM ("_s + sql + u") AS counted"_s), values));
    QSqlQuery &rows = connection.execute(sql, values);
    RowWriter writer(dataset.columns, request.format);
    QByteArray block;
    const auto value = [&rows](int column) { return rows.value(column); };
    writer.begin(block);
    while (rows.next()) {
        writer.row(block, value);
        feed.countRow();
        if (block.size() >= RowFeed::BlockBytes)
            feed.push(std::exchange(block, {}));
    }
    writer.end(block);
    return block;
}

} // namespace

Service::Service(db::Pool &pool, Options options)
    : m_pool(pool),
      m_places({ .name = u"exports"_s,
                 .concurrency = std::max(1, std::min(options.concurrency, pool.readers() - 1)),
                 .queue = options.queue })
{
}

Service::~Service()
{
    const std::lock_guard lock(m_mutex);
    for (const Entry &entry : m_entries) {
        if (const auto feed = entry.feed.lock())
            feed->abandon();
    }
}

QCoro::Task<std::shared_ptr<RowFeed>> Service::begin(async::Context context, protocol::Principal caller,
                                                     Request request)
{
    requireRole(caller, *request.dataset);
    auto acquiring = m_places.acquire(context);
    auto place = co_await std::move(acquiring);
    auto feed = std::make_shared<RowFeed>(); // shared with the thread that reads
    const std::stop_callback left(context.stop, [feed] { feed->abandon(); });
    {
        const std::lock_guard lock(m_mutex);
        std::erase_if(m_entries, [](const Entry &entry) { return entry.feed.expired(); });
        m_entries.push_back({ .id = ++m_lastId,
                              .dataset = request.dataset->name,
                              .user = caller.name,
                              .feed = feed,
                              .since = std::chrono::steady_clock::now() });
    }
    // Not until the request's deadline: that is for its beginning.
    async::Context reading{ .stop = feed->stopToken(), .deadline = {}, .requestId = context.requestId };
    read(feed, std::move(place), std::move(reading), std::move(caller), request);
    auto arrival = feed->arrival();
    co_await std::move(arrival);
    if (feed->error())
        std::rethrow_exception(feed->error());
    co_return feed;
}

/// Owns itself, until the last row has been read or nobody wants them any more.
QCoro::Task<> Service::read(std::shared_ptr<RowFeed> feed, async::Bulkhead::Permit place, async::Context context,
                            protocol::Principal caller, Request request)
{
    const auto held = std::move(place);
    try {
        auto reading = m_pool.read(std::move(context), [feed, caller, request](db::Connection &connection) {
            return readRows(connection, *feed, caller, request);
        });
        QByteArray last = co_await std::move(reading);
        feed->end(std::move(last));
    } catch (...) {
        feed->fail(std::current_exception());
    }
}

/// To its end, also where the sink wants no more: what reads is waited for.
QCoro::Task<> Service::pass(async::Context context, protocol::Principal caller, Request request, Sink sink)
{
    auto beginning = begin(context, std::move(caller), std::move(request));
    const auto feed = co_await std::move(beginning);
    const std::stop_callback stopped(context.stop, [feed] { feed->abandon(); });
    std::exception_ptr failure;
    for (;;) {
        QByteArray block;
        const RowFeed::Taken taken = feed->take(block);
        if (taken == RowFeed::Taken::Nothing) {
            auto arrival = feed->arrival();
            co_await std::move(arrival);
        } else if (taken == RowFeed::Taken::Block && !failure) {
            try {
                sink(block, *feed);
            } catch (...) {
                failure = std::current_exception();
                feed->abandon();
            }
        } else if (taken == RowFeed::Taken::End || taken == RowFeed::Taken::Failed) {
            break;
        }
    }
    if (failure || feed->error())
        std::rethrow_exception(failure ? failure : feed->error());
}

static QCoro::Task<> caught(QCoro::Task<> work, std::exception_ptr &error)
{
    try {
        co_await std::move(work);
    } catch (...) {
        error = std::current_exception(); // QCoro's waitFor() waits for ever where a task throws
    }
}

void Service::readAll(async::Context context, protocol::Principal caller, Request request, Sink sink)
{
    std::exception_ptr error;
    QCoro::waitFor(caught(pass(std::move(context), std::move(caller), std::move(request), std::move(sink)), error));
    if (error)
        std::rethrow_exception(error);
}

std::vector<Service::Running> Service::running() const
{
    std::vector<Running> running;
    const std::lock_guard lock(m_mutex);
    for (const Entry &entry : m_entries) {
        if (const auto feed = entry.feed.lock())
            running.push_back({ .id = entry.id,
                                .dataset = entry.dataset,
                                .user = entry.user,
                                .bytes = feed->takenBytes(),
                                .since = entry.since });
    }
    return running;
}

} // namespace godwit::exports
