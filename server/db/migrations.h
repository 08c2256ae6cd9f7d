// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"

#include <QByteArray>
#include <QList>
#include <QString>

namespace godwit::db {

/// One step of the schema: `0003_tasks.sql`, with what follows it for this database alone.
struct Migration
{
    int number = 0;
    QString name; ///< the file's
    QString sql; ///< as written, before dialect::translated()
    QByteArray checksum() const; ///< SHA-256 in hexadecimal; line ends do not count
};

/// In order of their numbers, from a folder of `NNNN_name.sql`. Without a folder: those built into the program
/// (resources/migrations).
/// @throws Error::Internal if one cannot be read or two have the same number.
QList<Migration> readMigrations(const QString &folder = {});

/// Brings the schema up to @p migrations, each in a transaction of its own, and notes them in `schema_migrations`.
/// Blocks; at start, before anything else uses the pool. Two processes may do it at the same time.
/// @return how many were applied.
/// @throws Error::Conflict, with the database untouched, if it is of a newer version of the program or if an applied
/// migration was changed since; what the SQL failed with otherwise (that migration is rolled back, earlier ones stay).
int migrate(Pool &pool, const QList<Migration> &migrations = readMigrations());

} // namespace godwit::db
