// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/context.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QVariant>

namespace godwit::db {

/// A pool thread's connection, for the time of one job. Statements are prepared once a connection and kept.
class Connection
{
public:
    virtual ~Connection() = default;

    /// Runs @p sql with @p values bound in order; the query is positioned before its first row, forward only. It is
    /// the connection's: good until the same SQL is executed again, or the job ends.
    ///
    /// A `next()` that fails (interrupted, damaged file) looks like the end of the rows; the job then fails when its
    /// work returns, so that half a result is never taken for a whole one.
    /// @throws Error: Conflict for a violated constraint, Cancelled or DeadlineExceeded if it was interrupted,
    /// Unavailable while another process holds the lock for longer than the busy timeout, else Internal.
    virtual QSqlQuery &execute(QStringView sql, const QVariantList &values = {}) = 0;
    /// For several statements without parameters, and for what must not be cached.
    virtual void executeScript(QStringView sql) = 0;
    /// What the job reads from here to its end is of one moment, whatever is committed meanwhile; it also spares each
    /// statement its locks. Within Pool::write() it is so anyway.
    virtual void readOneMoment() = 0;
    virtual QSqlDatabase database() const = 0;
    /// Of the job in work: for loops over many rows.
    virtual const async::Context &context() const = 0;
};

} // namespace godwit::db
