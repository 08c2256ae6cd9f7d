// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/oneshot.h"

#include <QByteArray>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>

namespace godwit::exports {

/// From a thread of the database, which may wait, to a reactor, which may not: a few blocks of rows behind a short
/// lock. The thread waits while they are not taken, and ends when nobody wants them any more.
class RowFeed
{
    Q_DISABLE_COPY_MOVE(RowFeed)

public:
    static constexpr qsizetype BlockBytes = 60 * 1024; ///< about; one row more
    static constexpr size_t Blocks = 4;

    RowFeed() = default;

    // The one that reads.
    std::stop_token stopToken() const { return m_stop.get_token(); }
    /// Waits while it is full. Throws Error::Cancelled once it is abandoned.
    void push(QByteArray block);
    /// That was all, with this. Waits for nobody.
    void end(QByteArray last);
    void fail(std::exception_ptr error);
    void countRow() { m_rows.fetch_add(1, std::memory_order_relaxed); }
    void setTotalRows(qint64 rows) { m_totalRows.store(rows, std::memory_order_relaxed); }

    // The one that sends.
    enum class Taken { Block, Nothing, End, Failed };
    /// Appends the next block to @p out.
    Taken take(QByteArray &out);
    /// When there is something to take, the end included. One at a time.
    async::OneShot<void> arrival();
    /// What it has failed with; null if it has not.
    std::exception_ptr error() const;
    /// Nobody takes more. Any thread.
    void abandon();

    qint64 takenBytes() const;
    // Any thread.
    qint64 rows() const { return m_rows.load(std::memory_order_relaxed); } ///< that were read
    qint64 totalRows() const { return m_totalRows.load(std::memory_order_relaxed); } ///< 0: nobody has counted

private:
    void announce(std::unique_lock<std::mutex> lock);

    std::stop_source m_stop;
    std::atomic<qint64> m_rows{ 0 }, m_totalRows{ 0 };
    mutable std::mutex m_mutex; // guards the rest
    std::condition_variable m_taken;
    std::deque<QByteArray> m_blocks;
    std::optional<async::OneShot<void>::Finisher> m_waiter;
    std::exception_ptr m_error;
    qint64 m_takenBytes = 0;
    bool m_hasEnded = false, m_isAbandoned = false;
};

} // namespace godwit::exports
