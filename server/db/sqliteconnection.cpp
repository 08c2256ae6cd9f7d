// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/sqliteconnection.h"

#include "server/db/changecounters.h"
#include "server/db/fulltextrank.h"
#include "server/db/sqlerror.h"

#include <QSqlDriver>
#include <QSqlError>
#include <QSqlResult>

#include <sqlite3.h>

using namespace Qt::StringLiterals;

namespace godwit::db {

/// Steps of SQLite's machine between two looks at the stop token: some 20 us.
static constexpr int stepsBetweenLooks = 1000;
/// Statements kept prepared a connection. The program has some dozens; dynamic SQL must not grow it.
static constexpr size_t keptStatements = 128;

static QString uniqueName()
{
    static std::atomic<quint64> counter{ 0 };
    return u"godwit-"_s + QString::number(++counter);
}

static sqlite3 *handleOf(const QSqlDatabase &database)
{
    const QVariant handle = database.driver()->handle();
    if (!handle.isValid() || qstrcmp(handle.typeName(), "sqlite3*") != 0)
        return nullptr;
    return *static_cast<sqlite3 *const *>(handle.constData());
}

/// The memory map stays off for the writer: it only makes reading cheaper.
static const char *pragmas(SqliteConnection::Access access)
{
    if (access == SqliteConnection::Access::Read)
        return "PRAGMA cache_size=-8000; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;";
    // FULL: in WAL mode only then does a commit wait for the disk.
    return "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000; "
           "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;";
}

SqliteConnection::SqliteConnection(const Options &options, Access access, const std::atomic<bool> &abort)
    : m_name(uniqueName()),
      m_abort(abort)
{
    QString failure;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, m_name);
        database.setDatabaseName(options.file);
        QString connectOptions = u"QSQLITE_BUSY_TIMEOUT="_s + QString::number(options.busyTimeout.count());
        if (access == Access::Read)
            connectOptions += u";QSQLITE_OPEN_READONLY"_s;
        database.setConnectOptions(connectOptions);
        if (!database.open())
            failure = database.lastError().databaseText();
        else
            m_handle = handleOf(database);
    }
    try {
        if (!m_handle)
            throw toError(SQLITE_CANTOPEN, options.file + u": "_s + failure, {});
        control(pragmas(access));
        addFullTextRank(m_handle);
    } catch (...) {
        close();
        throw;
    }
    sqlite3_progress_handler(m_handle, stepsBetweenLooks, &SqliteConnection::onProgress, this);
}

SqliteConnection::~SqliteConnection()
{
    close();
}

void SqliteConnection::close()
{
    m_inUse.clear();
    m_statements.clear(); // before the connection that they belong to
    if (m_handle)
        sqlite3_progress_handler(m_handle, 0, nullptr, nullptr);
    QSqlDatabase::database(m_name, false).close();
    QSqlDatabase::removeDatabase(m_name);
}

QSqlDatabase SqliteConnection::database() const
{
    return QSqlDatabase::database(m_name, false);
}

int SqliteConnection::onProgress(void *self)
{
    auto &connection = *static_cast<SqliteConnection *>(self);
    if (!connection.m_context || (connection.m_isWriting && connection.m_stopWrites == StopWrites::No))
        return 0;
    if (!connection.m_context->isStopped() && !connection.m_abort.load(std::memory_order_relaxed))
        return 0;
    connection.m_wasInterrupted = true;
    return 1;
}

void SqliteConnection::beginJob(const async::Context &context, async::Span &span, StopWrites stopWrites)
{
    m_context = &context;
    m_span = &span;
    m_noted = 0;
    m_stopWrites = stopWrites;
    m_wasInterrupted = m_hadOutage = false;
}

void SqliteConnection::endJob()
{
    for (Statement *const statement : m_inUse) {
        if (statement->query.lastError().isValid())
            fail(*statement);
    }
    abandonJob();
}

void SqliteConnection::abandonJob() noexcept
{
    for (Statement *const statement : m_inUse) {
        statement->query.finish();
        statement->isInUse = false;
    }
    m_inUse.clear();
    if (std::exchange(m_isReadingOneMoment, false))
        sqlite3_exec(m_handle, "COMMIT", nullptr, nullptr, nullptr); // nothing was written, nothing is lost
    while (m_statements.size() > keptStatements)
        dropLeastUsed();
    m_context = nullptr;
    m_span = nullptr;
    m_isWriting = false;
}

/// For whoever looks at the job's trace: the first statements, which have their values as `?`.
void SqliteConnection::note(QStringView sql)
{
    constexpr int most = 4;
    if (m_span && *m_span && m_noted++ < most)
        m_span->set("statement", sql.toString().simplified().toUtf8());
}

QSqlQuery &SqliteConnection::execute(QStringView sql, const QVariantList &values)
{
    throwIfStopped();
    note(sql);
    Statement &statement = prepared(sql);
    if (!statement.isInUse) {
        statement.isInUse = true;
        m_inUse.push_back(&statement);
    }
    for (int i = 0; i < values.size(); ++i)
        statement.query.bindValue(i, values[i]);
    m_isWriting = statement.writes; // and stays so: rows of RETURNING are still fetched
    if (!statement.query.exec())
        fail(statement);
    return statement.query;
}

void SqliteConnection::readOneMoment()
{
    throwIfStopped();
    if (isInTransaction())
        return;
    control("BEGIN");
    m_isReadingOneMoment = true;
}

void SqliteConnection::executeScript(QStringView sql)
{
    throwIfStopped();
    note(sql);
    m_isWriting = true;
    char *message = nullptr;
    const int code = sqlite3_exec(m_handle, sql.toUtf8().constData(), nullptr, nullptr, &message);
    const QString text = QString::fromUtf8(message);
    sqlite3_free(message);
    if (code != SQLITE_OK)
        fail(code, text, sql);
}

SqliteConnection::Statement &SqliteConnection::prepared(QStringView sql)
{
    const auto known = m_statements.find(sql);
    if (known != m_statements.end()) {
        known->second->lastUse = ++m_uses;
        return *known->second;
    }
    auto statement = std::make_unique<Statement>(QSqlQuery(database()));
    statement->query.setForwardOnly(true);
    const QString text = sql.toString();
    if (!statement->query.prepare(text)) {
        statement->sql = text;
        fail(*statement);
    }
    const QVariant handle = statement->query.result()->handle();
    if (handle.isValid() && qstrcmp(handle.typeName(), "sqlite3_stmt*") == 0)
        statement->writes = sqlite3_stmt_readonly(*static_cast<sqlite3_stmt *const *>(handle.constData())) == 0;
    statement->lastUse = ++m_uses;
    const auto added = m_statements.emplace(text, std::move(statement)).first;
    added->second->sql = added->first;
    return *added->second;
}

void SqliteConnection::dropLeastUsed()
{
    const auto oldest = std::min_element(m_statements.begin(), m_statements.end(), [](const auto &a, const auto &b) {
        return a.second->lastUse < b.second->lastUse;
    });
    m_statements.erase(oldest);
}

void SqliteConnection::throwIfStopped() const
{
    m_context->throwIfStopped();
    if (m_abort.load(std::memory_order_relaxed))
        throw Error::cancelled();
}

void SqliteConnection::fail(Statement &statement)
{
    const QSqlError error = statement.query.lastError();
    const QString sql = statement.sql.toString();
    if (statement.isInUse) {
        // Said once: work that catches this and goes on must not fail again at its end.
        statement.isInUse = false;
        std::erase(m_inUse, &statement);
        statement.query.finish();
    }
    fail(error.nativeErrorCode().toInt(), error.databaseText(), sql);
}

void SqliteConnection::fail(int code, const QString &text, QStringView sql)
{
    if ((code & 0xff) == SQLITE_INTERRUPT && m_wasInterrupted)
        throw m_context->isStopped() ? m_context->stopError() : Error::cancelled();
    m_hadOutage = isOutage(code);
    throw toError(code, text, sql);
}

void SqliteConnection::control(const char *sql)
{
    char *message = nullptr;
    const int code = sqlite3_exec(m_handle, sql, nullptr, nullptr, &message);
    const QString text = QString::fromUtf8(message);
    sqlite3_free(message);
    if (code == SQLITE_OK)
        return;
    m_hadOutage = isOutage(code);
    throw toError(code, text, QString::fromLatin1(sql));
}

void SqliteConnection::countChanges(ChangeCounters &counters)
{
    sqlite3_update_hook(
        m_handle,
        [](void *to, int, const char *, const char *table, sqlite3_int64) {
            static_cast<ChangeCounters *>(to)->noteChange(table);
        },
        &counters);
}

bool SqliteConnection::isInTransaction() const
{
    return sqlite3_get_autocommit(m_handle) == 0;
}

bool SqliteConnection::isUsable()
{
    return sqlite3_exec(m_handle, "PRAGMA schema_version", nullptr, nullptr, nullptr) == SQLITE_OK;
}

} // namespace godwit::db
