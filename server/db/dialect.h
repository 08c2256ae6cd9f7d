// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace godwit::db::dialect {

/// What a migration that only this database understands has before its `.sql`: `0001_documents.sqlite.sql` runs after
/// `0001_documents.sql`, in the same transaction.
inline constexpr QStringView suffix = u".sqlite";

/// Has a row if there is a table of that name.
inline constexpr QStringView tableExists = u"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?";

/// Replaces what databases spell differently; all else in our SQL is common to SQLite and PostgreSQL.
/// `{{identity}}`: a 64-bit key that the database gives and never gives again.
QString translated(QString sql);

} // namespace godwit::db::dialect
