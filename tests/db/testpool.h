// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"

#include <QTemporaryDir>
#include <QTest>

#include <future>

namespace godwit::db {

/// A pool on a fresh file, and a way to hold its threads up.
struct TestPool
{
    explicit TestPool(Options options = {}, async::Faults *faults = nullptr)
        : pool(
              [&] {
                  options.file = path();
                  return options;
              }(),
              faults)
    {
    }
    QString path() const { return dir.filePath(QStringLiteral("test.db")); }

    QTemporaryDir dir;
    Pool pool;
};

/// Holds a job until it is opened; counts who has come. To be declared before the pool, whose threads may still be in
/// it.
class Gate
{
public:
    /// For use as a job.
    void pass()
    {
        ++m_arrived;
        m_open.wait();
    }
    void open() { m_opener.set_value(); }
    int arrived() const { return m_arrived; }

private:
    std::promise<void> m_opener;
    std::shared_future<void> m_open = m_opener.get_future().share();
    std::atomic<int> m_arrived{ 0 };
};

/// The code of the error that @p future failed with; nothing if it succeeded.
template<class T>
std::optional<Error> errorOf(QFuture<T> future)
{
    try {
        future.waitForFinished();
        if constexpr (!std::is_void_v<T>)
            future.result();
        return {};
    } catch (const Error &error) {
        return error;
    }
}

inline qint64 number(Connection &connection, QStringView sql)
{
    QSqlQuery &query = connection.execute(sql);
    return query.next() ? query.value(0).toLongLong() : -1;
}

/// Never ends by itself.
inline constexpr char16_t endlessSql[]
    = u"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

} // namespace godwit::db
