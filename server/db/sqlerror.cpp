// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/sqlerror.h"

#include <sqlite3.h>

using namespace Qt::StringLiterals;

namespace godwit::db {

/// What the log says first, for whoever must act: a full disk and a damaged file look alike in an SQL message.
static QString plainWords(int primaryCode)
{
    switch (primaryCode) {
    case SQLITE_FULL:
        return u"the disk is full"_s;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return u"the database file is damaged or is not a database"_s;
    case SQLITE_IOERR:
        return u"the disk cannot be read or written"_s;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return u"the database file cannot be written"_s;
    case SQLITE_CANTOPEN:
        return u"the database file cannot be opened"_s;
    case SQLITE_NOMEM:
        return u"out of memory"_s;
    default:
        return u"the statement failed"_s;
    }
}

Error toError(int sqliteCode, const QString &text, QStringView sql)
{
    const int primary = sqliteCode & 0xff; // extended codes keep the primary one in the low byte
    QString details
        = u"database: "_s + plainWords(primary) + u" ("_s + QString::number(sqliteCode) + u"): "_s + text.trimmed();
    if (!sql.isEmpty())
        details += u" in: "_s + sql.left(500);
    switch (primary) {
    case SQLITE_CONSTRAINT:
        return Error(Error::Code::Conflict, u"this conflicts with what is stored"_s)
            .withInternalMessage(std::move(details));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return Error(Error::Code::Unavailable, u"the database is busy"_s).withInternalMessage(std::move(details));
    default:
        return Error::internal(std::move(details));
    }
}

bool isOutage(int sqliteCode)
{
    switch (sqliteCode) {
    case SQLITE_IOERR_WRITE: // a limit of the file's size, a quota
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
    case SQLITE_IOERR_TRUNCATE:
        return false;
    default:
        break;
    }
    switch (sqliteCode & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
        return true;
    default:
        return false;
    }
}

} // namespace godwit::db
