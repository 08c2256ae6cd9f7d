// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/search/service.h"

#include <QMap>
#include <QStringList>

#include <functional>
#include <stop_token>

namespace godwit::search {

/// Where an import stands.
struct ImportProgress
{
    qint64 doneBytes = 0, totalBytes = 0; ///< of the files
    qint64 documents = 0; ///< stored so far
    QString current; ///< the file in work

    double percent() const { return totalBytes > 0 ? 100.0 * double(doneBytes) / double(totalBytes) : 100.0; }
};

/// What an import has done.
struct ImportReport
{
    qint64 files = 0; ///< read
    qint64 documents = 0; ///< stored, new or again
    qint64 removed = 0; ///< of an earlier import of the same paths, and no longer there
    QMap<QString, qint64> skipped; ///< files left out, by reason
    bool isCancelled = false; ///< what was stored until then stays; nothing was removed

    QJsonObject toJson() const; ///< `{files, documents, removed, skipped: {reason: count}, cancelled}`
};

struct ImportOptions
{
    qint64 fileBytes = 4 * 1024 * 1024; ///< larger files are left out; CSV is read piece by piece and has no limit
    qsizetype batchDocuments = 200; ///< a write
    qsizetype batchBytes = 64 * 1024; ///< of text, a write: the others' writes wait for so much
};

/// Reads text (.txt), Markdown (.md, .markdown), HTML (.html, .htm) and CSV (.csv) files, and folders of them,
/// into @p service. What was imported from the same paths before is replaced, and removed where it is gone.
///
/// A CSV file with the columns title and body is one document a row; a column name stands in front of the title and is
/// the key by which a second import replaces the row (without one: the row's number). Any other CSV file is one
/// document for a hundred rows, each row written as `column: value`, so that its dates and figures are found.
/// Symbolic links inside of folders are not followed, so there are no loops.
///
/// Blocks: for a worker thread or a main function, in constant memory. @p progress is called from the same thread, at
/// most ten times a second and once at the end. Another process may use the database meanwhile: SQLite lets one write
/// at a time, and each waits for the other's batch.
/// @throws Error::InvalidArgument if one of @p paths does not exist; what a failing write failed with.
ImportReport importPaths(Service &service, const QStringList &paths, std::stop_token stop = {},
                         const std::function<void(const ImportProgress &)> &progress = {},
                         const ImportOptions &options = {});

} // namespace godwit::search
