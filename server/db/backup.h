// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <functional>
#include <optional>
#include <stop_token>

namespace godwit::db {

struct BackupReport
{
    qint64 bytes = 0; ///< of the copy
    int schema = 0; ///< the last migration that the copy has; 0: it is no database of this program
};

/// Copies a database that may be in use to @p target, which must not exist: one moment of it, with all that was
/// committed before this was called. Writers go on meanwhile, of this process and of others. The copy is one file that
/// nobody else may read, checked (integrity_check), on disk, and found under its name only once it is whole.
///
/// Blocks; any thread. @p progress is told percents, often.
/// @throws Error::Conflict if @p target exists, Error::NotFound if there is no @p source, Error::Cancelled, and what
/// reading or writing failed with; nothing is left behind then.
BackupReport backUp(const QString &source, const QString &target, std::stop_token stop = {},
                    const std::function<void(double percent)> &progress = {});

/// What backUp() would have said of @p file, a copy that is whole; nothing if there is no such file, or if @p question,
/// SQL for one number, has another answer in it than 1.
std::optional<BackupReport> findBackUp(const QString &file, const QByteArray &question);

/// Makes a database that nobody has open one file, without a log beside it.
/// @throws Error::Unavailable if somebody has it open, and what else it failed with.
void settle(const QString &file);

/// Makes what was written to @p file, and its name, outlast a power failure. Throws Error::Internal.
void syncFile(const QString &file);

} // namespace godwit::db
