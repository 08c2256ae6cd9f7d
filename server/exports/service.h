// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"
#include "server/exports/options.h"
#include "server/exports/rowfeed.h"
#include "server/exports/rowformat.h"
#include "shared/async/bulkhead.h"

#include <QCoroTask>

#include <functional>

namespace godwit::exports {

struct Request
{
    const Dataset *dataset = nullptr;
    Format format = Format::Csv;
    Filter filter{};
    bool isCounted = false; ///< before it is read: RowFeed::totalRows()
};

/// Reads datasets for those who send them: each holds a connection of the pool for as long as its reader takes, so only
/// a few at a time do, and another connection at least is left for the rest. Any thread.
class Service
{
    Q_DISABLE_COPY_MOVE(Service)

public:
    /// @p pool outlives this.
    Service(db::Pool &pool, Options options);
    ~Service(); ///< ends what still reads: the pool waits for it

    /// Reads a dataset as far as @p caller may see it; what it returns has its first block, or is at its end. Error::
    /// PermissionDenied; NotFound for a series that there is not; Unavailable where too many wait; what the database
    /// fails with before the first block.
    QCoro::Task<std::shared_ptr<RowFeed>> begin(async::Context context, protocol::Principal caller, Request request);

    /// Is given each block.
    using Sink = std::function<void(const QByteArray &block, const RowFeed &feed)>;
    /// The same for a thread that may block, to the end, in an event loop of its own. Throws what begin() does, what it
    /// failed with later, and what @p sink throws, which ends it.
    void readAll(async::Context context, protocol::Principal caller, Request request, Sink sink);

    struct Running
    {
        qint64 id = 0; ///< from 1
        QString dataset;
        QString user;
        qint64 bytes = 0;
        TimePoint since;
    };
    std::vector<Running> running() const;
    const async::Bulkhead &places() const { return m_places; }

private:
    struct Entry
    {
        qint64 id;
        QString dataset, user;
        std::weak_ptr<RowFeed> feed;
        TimePoint since;
    };
    QCoro::Task<> read(std::shared_ptr<RowFeed> feed, async::Bulkhead::Permit place, async::Context context,
                       protocol::Principal caller, Request request);
    QCoro::Task<> pass(async::Context context, protocol::Principal caller, Request request, Sink sink);

    db::Pool &m_pool;
    async::Bulkhead m_places;
    mutable std::mutex m_mutex; // guards the rest
    std::vector<Entry> m_entries;
    qint64 m_lastId = 0;
};

} // namespace godwit::exports
