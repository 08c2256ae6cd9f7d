// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"

#include <QMap>
#include <QString>

#include <functional>
#include <stop_token>

namespace godwit::search {

struct ReindexProgress
{
    QString index; ///< in work: `documents_fts`
    qint64 doneRows = 0, totalRows = 0; ///< of all

    double percent() const { return totalRows > 0 ? 100.0 * double(doneRows) / double(totalRows) : 100.0; }
};

/// Builds every full text index of the database anew from the texts, for one that was damaged or has become slow. Each
/// is built beside the old one, which is searched until then, in writes of some milliseconds: other writes come in
/// between, and triggers keep what they change true in both. The two are exchanged at once.
///
/// Blocks: for a worker thread. One at a time. What one that was killed has left is removed first.
/// @return the rows of each index.
/// @throws Error::Cancelled, with the old indexes of those that were not done in place; what a write failed with.
QMap<QString, qint64> reindex(db::Pool &pool, std::stop_token stop = {},
                              const std::function<void(const ReindexProgress &)> &progress = {});

} // namespace godwit::search
