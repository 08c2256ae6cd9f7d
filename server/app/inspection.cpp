// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/inspection.h"

#include "server/metrics/inspecttoolkit.h"

using namespace Qt::StringLiterals;

namespace godwit::app {

using metrics::Inspectable;
using metrics::seconds;
using protocol::RuntimePart;

Inspectable inspectable(const db::Pool &pool, const db::Options &options)
{
    const auto inspect = [&pool, options](RuntimePart &part) {
        const auto figures = pool.figures();
        part.state = figures.queued > 0 ? u"full"_s : figures.busy > 0 ? u"busy"_s : u"idle"_s;
        part.figures = { { u"connections"_s, figures.connections }, { u"busy"_s, figures.busy },
                         { u"queued"_s, qint64(figures.queued) },   { u"written"_s, qint64(figures.written) },
                         { u"commits"_s, qint64(figures.commits) }, { u"refused"_s, qint64(figures.refused) } };
        part.limits = { { u"max_connections"_s, options.maxConnections },
                        { u"min_connections"_s, options.minConnections },
                        { u"queue"_s, qint64(options.queue) },
                        { u"acquire_timeout"_s, seconds(options.acquireTimeout) },
                        { u"idle_timeout"_s, seconds(options.idleTimeout) },
                        { u"lifetime"_s, seconds(options.lifetime) } };
    };
    return { .kind = u"pool"_s, .name = u"database"_s, .inspect = inspect };
}

Inspectable inspectable(const runtime::BlockingPool &pool, const runtime::Options &options)
{
    const auto inspect = [&pool, options](RuntimePart &part) {
        const auto figures = pool.figures();
        part.state = figures.queued > 0 ? u"full"_s : figures.busy > 0 ? u"busy"_s : u"idle"_s;
        part.figures = { { u"threads"_s, figures.threads },
                         { u"busy"_s, figures.busy },
                         { u"queued"_s, qint64(figures.queued) } };
        part.limits = { { u"threads"_s, options.blockingThreads },
                        { u"queue"_s, qint64(options.blockingQueue) },
                        { u"keep_alive"_s, seconds(options.blockingKeepAlive) } };
    };
    return { .kind = u"pool"_s, .name = u"blocking"_s, .inspect = inspect };
}

} // namespace godwit::app
