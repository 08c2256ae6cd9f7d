// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "server/db/options.h"

#include <atomic>
#include <memory>
#include <unordered_map>
#include <vector>

struct sqlite3;

namespace godwit::db {

class ChangeCounters;

/// One SQLite connection. Made, used and destroyed in one thread.
///
/// Cancellation: SQLite calls us back every thousand steps of its machine, in this thread, and we look whether the job
/// in work has been stopped or its deadline is past. So there is no interrupt from outside that could hit the next
/// job, and no lock.
class SqliteConnection final : public Connection
{
public:
    enum class Access { Read, Write };
    /// Whether a stop may interrupt a statement that writes. SQLite then rolls back the whole transaction, with the
    /// jobs before it in the group.
    enum class StopWrites { Yes, No };

    /// @param abort ends the job in work when it becomes true; must outlive the connection.
    /// @throws Error if the file cannot be opened or is not a database.
    SqliteConnection(const Options &options, Access access, const std::atomic<bool> &abort);
    ~SqliteConnection() override;

    QSqlQuery &execute(QStringView sql, const QVariantList &values) override;
    void executeScript(QStringView sql) override;
    void readOneMoment() override;
    QSqlDatabase database() const override;
    const async::Context &context() const override { return *m_context; }

    /// @p span, of the job's work, is told the statements. Both must live until endJob() or abandonJob().
    void beginJob(const async::Context &context, async::Span &span, StopWrites stopWrites);
    /// Throws what a `next()` of the job met, and what stopped it.
    void endJob();
    /// The same after the job has thrown.
    void abandonJob() noexcept;

    /// BEGIN, SAVEPOINT, COMMIT and such: never interrupted.
    void control(const char *sql);
    /// False once SQLite has rolled back the transaction by itself (full disk, interrupted write).
    bool isInTransaction() const;
    /// Whether what the job in work met last, or control(), was the database's fault: locked, unreadable,
    /// damaged. Not what is wrong in a statement, nor a stop.
    bool hadOutage() const { return m_hadOutage; }
    /// Whether the file still answers.
    bool isUsable();
    /// Tells @p counters of each row that is written from now on. They outlive the connection.
    void countChanges(ChangeCounters &counters);

private:
    struct Statement
    {
        explicit Statement(QSqlQuery of) : query(std::move(of)) { }

        QSqlQuery query;
        QStringView sql; // the key's own characters
        bool writes = false;
        bool isInUse = false; // by the job in work
        quint64 lastUse = 0;
    };
    struct TextHash
    {
        using is_transparent = void;
        size_t operator()(QStringView text) const { return qHash(text); }
    };

    Statement &prepared(QStringView sql);
    void throwIfStopped() const;
    [[noreturn]] void fail(Statement &statement);
    [[noreturn]] void fail(int code, const QString &text, QStringView sql);
    void dropLeastUsed();
    void close();
    static int onProgress(void *self);
    void note(QStringView sql);

    const QString m_name; // of the QSqlDatabase
    const std::atomic<bool> &m_abort;
    sqlite3 *m_handle = nullptr;
    std::unordered_map<QString, std::unique_ptr<Statement>, TextHash, std::equal_to<>> m_statements;
    std::vector<Statement *> m_inUse;
    quint64 m_uses = 0;
    const async::Context *m_context = nullptr; // of the job in work
    async::Span *m_span = nullptr; // of the job in work
    int m_noted = 0;
    StopWrites m_stopWrites = StopWrites::Yes;
    bool m_isWriting = false, m_wasInterrupted = false, m_hadOutage = false, m_isReadingOneMoment = false;
};

} // namespace godwit::db
