// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/reindex.h"

#include "server/tasks/kinds.h"

using namespace Qt::StringLiterals;

namespace godwit::tasks {

static QJsonObject reindexAll(db::Pool &pool, Job &job)
{
    const auto tell = [&job](const search::ReindexProgress &at) {
        job.setProgress(at.percent(), u"%1: %2 of %3 rows"_s.arg(at.index).arg(at.doneRows).arg(at.totalRows));
    };
    const auto done = search::reindex(pool, job.stopToken(), tell);
    QJsonObject rows;
    qint64 total = 0;
    for (auto it = done.begin(); it != done.end(); ++it) {
        rows.insert(it.key(), it.value());
        total += it.value();
    }
    job.setProgress(100, u"%1 rows in %2 indexes"_s.arg(total).arg(done.size()));
    return { { u"rows"_s, rows } };
}

/// `reindex`: builds the full text indexes anew, in steps between which others write; `{rows: {documents_fts: 1000}}`.
Kind reindexKind(const Resources &resources)
{
    return { .name = u"reindex"_s,
             .handler = [&pool = resources.pool](Job &job) { return reindexAll(pool, job); },
             .options = { .params = QStringList{}, .maxAttempts = 3 } };
}

} // namespace godwit::tasks
