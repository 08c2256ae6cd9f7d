// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"
#include "server/exports/options.h"
#include "server/exports/rowfeed.h"
#include "server/exports/rowformat.h"
#include "shared/async/bulkhead.h"

#include <QCoroTask>

namespace godwit::exports {

/// Reads datasets for those who send them: each holds a connection of the pool for as long as its reader takes, so only
/// a few at a time do, and another connection at least is left for the rest. Any thread.
class Service
{
    Q_DISABLE_COPY_MOVE(Service)

public:
    /// @p pool outlives this.
    Service(db::Pool &pool, Options options);
    ~Service(); ///< ends what still reads: the pool waits for it

    /// Reads @p dataset as far as @p caller may see it; what it returns has its first block, or is at its end. Error::
    /// PermissionDenied; Unavailable where too many wait; what the database fails with before the first block.
    QCoro::Task<std::shared_ptr<RowFeed>> begin(async::Context context, protocol::Principal caller,
                                                const Dataset &dataset, Format format);

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
                       protocol::Principal caller, const Dataset &dataset, Format format);

    db::Pool &m_pool;
    async::Bulkhead m_places;
    mutable std::mutex m_mutex; // guards the rest
    std::vector<Entry> m_entries;
    qint64 m_lastId = 0;
};

} // namespace godwit::exports
