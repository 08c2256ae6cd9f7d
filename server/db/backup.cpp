// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/backup.h"

#include "server/db/sqlerror.h"
#include "shared/core/ids.h"

#include <QFile>
#include <QFileInfo>
#include <QScopeGuard>

#include <sqlite3.h>

#include <memory>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <unistd.h>
#endif

using namespace Qt::StringLiterals;

namespace godwit::db {

namespace {

/// A look at the token after each: some milliseconds.
constexpr int pagesAStep = 256;
constexpr int stepsBetweenChecks = 100'000;
constexpr int busyMs = 5'000;
/// The copy is half of the work, its check the other.
constexpr double copyPercent = 50;

struct Closer
{
    void operator()(sqlite3 *database) const { sqlite3_close_v2(database); }
    void operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }
    void operator()(sqlite3_backup *backup) const { sqlite3_backup_finish(backup); }
};
using Database = std::unique_ptr<sqlite3, Closer>;
using Prepared = std::unique_ptr<sqlite3_stmt, Closer>;

/// For whoever gave us the file: once, and in plain words. The rest is for the log.
Error errorOf(int code, const QString &file, const char *text)
{
    switch (code & 0xff) { // extended codes keep the primary one in the low byte
    case SQLITE_NOTADB:
        return { Error::Code::Conflict, u"%1 is not a database"_s.arg(file) };
    case SQLITE_CORRUPT:
        return { Error::Code::Conflict, u"the database %1 is damaged"_s.arg(file) };
    case SQLITE_FULL:
        return { Error::Code::Unavailable, u"there is no room for %1 on its disk"_s.arg(file) };
    default:
        return toError(code, file + u": "_s + QString::fromUtf8(text), {});
    }
}
Error errorOf(sqlite3 *database, const QString &file)
{
    return errorOf(sqlite3_extended_errcode(database), file, sqlite3_errmsg(database));
}

void run(sqlite3 *database, const char *sql, const QString &file)
{
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        throw errorOf(database, file);
}

/// @param shown what the file will be called.
Database open(const QString &file, int flags, const QString &shown)
{
    sqlite3 *handle = nullptr;
    const int code = sqlite3_open_v2(QFile::encodeName(file).constData(), &handle, flags, nullptr);
    Database database(handle);
    if (code != SQLITE_OK)
        throw database ? errorOf(database.get(), shown) : errorOf(code, shown, sqlite3_errstr(code));
    sqlite3_busy_timeout(handle, busyMs);
    return database;
}
Database open(const QString &file, int flags)
{
    return open(file, flags, file);
}

/// With a transaction that reads: the copy is of its moment, and no commit makes it begin anew.
Database openToRead(const QString &file)
{
    const auto begin = [&file](int flags) {
        Database database = open(file, flags);
        run(database.get(), "BEGIN; SELECT count(*) FROM sqlite_master", file);
        return database;
    };
    try {
        return begin(SQLITE_OPEN_READONLY);
    } catch (const Error &) {
        return begin(SQLITE_OPEN_READWRITE); // what a process that was killed has left needs recovery
    }
}

void throwIfStopped(const std::stop_token &stop)
{
    if (stop.stop_requested())
        throw Error::cancelled();
}

bool isOfContent(int code)
{
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

void copy(sqlite3 *from, sqlite3 *to, const QString &target, const std::stop_token &stop,
          const std::function<void(double)> &progress)
{
    const std::unique_ptr<sqlite3_backup, Closer> backup(sqlite3_backup_init(to, "main", from, "main"));
    if (!backup)
        throw errorOf(to, target);
    for (int code = SQLITE_OK; code != SQLITE_DONE;) {
        throwIfStopped(stop);
        code = sqlite3_backup_step(backup.get(), pagesAStep);
        if (code != SQLITE_OK && code != SQLITE_DONE)
            throw errorOf(code, isOfContent(code) ? QString::fromUtf8(sqlite3_db_filename(from, "main")) : target,
                          sqlite3_errstr(code));
        const double total = std::max(1, sqlite3_backup_pagecount(backup.get()));
        if (progress)
            progress(copyPercent * (1 - sqlite3_backup_remaining(backup.get()) / total));
    }
}

/// First column of the first row.
QString ask(sqlite3 *database, const char *sql, const QString &file)
{
    sqlite3_stmt *handle = nullptr;
    if (sqlite3_prepare_v2(database, sql, -1, &handle, nullptr) != SQLITE_OK)
        throw errorOf(database, file);
    const Prepared statement(handle);
    if (sqlite3_step(handle) != SQLITE_ROW)
        throw errorOf(database, file);
    return QString::fromUtf8(reinterpret_cast<const char *>(sqlite3_column_text(handle, 0)));
}

void checkIntegrity(sqlite3 *database, const QString &source, std::stop_token stop)
{
    sqlite3_progress_handler(
        database, stepsBetweenChecks,
        [](void *token) { return int(static_cast<std::stop_token *>(token)->stop_requested()); }, &stop);
    const auto endProgress = qScopeGuard([database] { sqlite3_progress_handler(database, 0, nullptr, nullptr); });
    QString verdict;
    try {
        verdict = ask(database, "PRAGMA integrity_check(1)", source);
    } catch (const Error &) {
        throwIfStopped(stop);
        throw;
    }
    if (verdict != "ok"_L1)
        throw Error(Error::Code::Conflict, u"the database %1 is damaged: %2"_s.arg(source, verdict));
}

int schemaOf(sqlite3 *database, const QString &file)
{
    const QString tables = ask(database, "SELECT count(*) FROM sqlite_master WHERE name = 'schema_migrations'", file);
    return tables == "0"_L1 ? 0 : ask(database, "SELECT max(number) FROM schema_migrations", file).toInt();
}

/// Only its owner may read it: it has everybody's password hashes.
void makeEmpty(const QString &path, const QString &shown)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly)
        || !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner))
        throw Error(Error::Code::InvalidArgument, u"%1 cannot be written: %2"_s.arg(shown, file.errorString()));
}

} // namespace

void settle(const QString &file)
{
    // The log can be given up only by the last that has the file open.
    run(open(file, SQLITE_OPEN_READWRITE).get(), "PRAGMA journal_mode = DELETE", file);
}

static void syncFile(const QString &file, const QString &shown)
{
#ifdef Q_OS_UNIX
    for (const QString &path : { file, QFileInfo(file).absolutePath() }) {
        const int descriptor = ::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC);
        const bool isSynced = descriptor >= 0 && ::fsync(descriptor) == 0;
        if (descriptor >= 0)
            ::close(descriptor);
        if (!isSynced)
            throw Error::internal(u"%1: %2"_s.arg(shown, qt_error_string()));
    }
#else
    Q_UNUSED(file);
    Q_UNUSED(shown);
#endif
}

void syncFile(const QString &file)
{
    syncFile(file, file);
}

std::optional<BackupReport> findBackUp(const QString &file, const QByteArray &question)
{
    if (!QFileInfo(file).isFile())
        return {};
    try {
        BackupReport report{ .bytes = QFileInfo(file).size() };
        {
            const Database database = open(file, SQLITE_OPEN_READONLY);
            if (ask(database.get(), question.constData(), file) != "1"_L1)
                return {};
            report.schema = schemaOf(database.get(), file);
        }
        syncFile(file);
        return report;
    } catch (const Error &) {
        return {}; // it is something else
    }
}

BackupReport backUp(const QString &source, const QString &target, std::stop_token stop,
                    const std::function<void(double percent)> &progress)
{
    if (!QFileInfo(source).isFile())
        throw Error(Error::Code::NotFound, u"there is no database %1"_s.arg(source));
    const Error exists(Error::Code::Conflict, u"%1 exists already"_s.arg(target));
    if (QFileInfo::exists(target))
        throw Error(exists);
    const QString partial = target + u'.' + QString::fromLatin1(makeRequestId()) + u".partial"_s;
    makeEmpty(partial, target);
    const auto removePartial = qScopeGuard([&partial] {
        QFile::remove(partial);
        QFile::remove(partial + u"-journal"_s);
    });
    BackupReport report;
    {
        const Database to = open(partial, SQLITE_OPEN_READWRITE, target);
        run(to.get(), "PRAGMA synchronous = OFF", target); // it is written to disk below, once
        {
            const Database from = openToRead(source);
            copy(from.get(), to.get(), target, stop, progress);
        }
        run(to.get(), "PRAGMA journal_mode = DELETE", target); // one file, whatever the source has
        checkIntegrity(to.get(), source, stop);
        report.schema = schemaOf(to.get(), source);
    }
    throwIfStopped(stop);
    syncFile(partial, target);
    report.bytes = QFileInfo(partial).size();
    if (!QFile::rename(partial, target)) // never over another
        throw QFileInfo::exists(target) ? Error(exists) : Error::internal(u"%1 cannot be made"_s.arg(target));
    syncFile(target);
    if (progress)
        progress(100);
    return report;
}

} // namespace godwit::db
