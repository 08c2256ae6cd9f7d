// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/exports/service.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::exports {

namespace {

/// Returns the last block: whether that is the end is known when the job is over, as a `next()` that fails looks like
/// it.
QByteArray readRows(db::Connection &connection, RowFeed &feed, const protocol::Principal &caller,
                    const Dataset &dataset, Format format)
{
    const bool isOwnOnly = !dataset.ownSql.isEmpty() && !caller.may(protocol::Role::Operator);
    QSqlQuery &rows = isOwnOnly ? connection.execute(dataset.ownSql, { caller.userId, caller.name })
                                : connection.execute(dataset.sql);
    RowWriter writer(dataset.columns, format);
    QByteArray block;
    const auto value = [&rows](int column) { return rows.value(column); };
    writer.begin(block);
    while (rows.next()) {
        writer.row(block, value);
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
                                                     const Dataset &dataset, Format format)
{
    if (!caller.may(dataset.leastRole))
        throw Error(Error::Code::PermissionDenied, u"this needs the role %1"_s.arg(toString(dataset.leastRole)));
    auto acquiring = m_places.acquire(context);
    auto place = co_await std::move(acquiring);
    auto feed = std::make_shared<RowFeed>(); // shared with the thread that reads
    const std::stop_callback left(context.stop, [feed] { feed->abandon(); });
    {
        const std::lock_guard lock(m_mutex);
        std::erase_if(m_entries, [](const Entry &entry) { return entry.feed.expired(); });
        m_entries.push_back({ .id = ++m_lastId,
                              .dataset = dataset.name,
                              .user = caller.name,
                              .feed = feed,
                              .since = std::chrono::steady_clock::now() });
    }
    // Not until the request's deadline: that is for its beginning.
    async::Context reading{ .stop = feed->stopToken(), .deadline = {}, .requestId = context.requestId };
    read(feed, std::move(place), std::move(reading), std::move(caller), dataset, format);
    auto arrival = feed->arrival();
    co_await std::move(arrival);
    if (feed->error())
        std::rethrow_exception(feed->error());
    co_return feed;
}

/// Owns itself, until the last row has been read or nobody wants them any more.
QCoro::Task<> Service::read(std::shared_ptr<RowFeed> feed, async::Bulkhead::Permit place, async::Context context,
                            protocol::Principal caller, const Dataset &dataset, Format format)
{
    const auto held = std::move(place);
    try {
        auto reading = m_pool.read(std::move(context), [feed, caller, &dataset, format](db::Connection &connection) {
            return readRows(connection, *feed, caller, dataset, format);
        });
        QByteArray last = co_await std::move(reading);
        feed->end(std::move(last));
    } catch (...) {
        feed->fail(std::current_exception());
    }
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
