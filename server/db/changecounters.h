// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace godwit::db {

/// How often tables were changed, for caches of what was read from them. A table behind a short lock.
class ChangeCounters
{
public:
    /// Read it before what is to be kept is read: the same count later means that nothing has been committed between.
    using Counter = std::shared_ptr<const std::atomic<quint64>>; // shared with whoever keeps what was read

    /// Any thread; the same counter for the same table.
    Counter watch(const QByteArray &table)
    {
        const std::lock_guard lock(m_mutex);
        for (const Watched &watched : m_watched) {
            if (watched.table == table)
                return watched.counter;
        }
        m_watched.push_back({ table, std::make_shared<std::atomic<quint64>>(0) });
        return m_watched.back().counter;
    }

    /// A row of @p table was written, in a transaction that is still open.
    void noteChange(const char *table)
    {
        const std::lock_guard lock(m_mutex);
        for (Watched &watched : m_watched)
            watched.isChanged |= watched.table == table;
    }

    /// Whether the transaction that is open has changed @p table, which somebody watches.
    bool hasChanged(const QByteArray &table)
    {
        const std::lock_guard lock(m_mutex);
        return std::any_of(m_watched.begin(), m_watched.end(),
                           [&table](const Watched &watched) { return watched.isChanged && watched.table == table; });
    }

    /// After the transaction. One that was rolled back may count as well: that costs a look-up, and no truth.
    void publish()
    {
        const std::lock_guard lock(m_mutex);
        for (Watched &watched : m_watched) {
            if (std::exchange(watched.isChanged, false))
                ++*watched.counter;
        }
    }

private:
    struct Watched
    {
        QByteArray table;
        std::shared_ptr<std::atomic<quint64>> counter;
        bool isChanged = false;
    };

    std::mutex m_mutex;
    std::vector<Watched> m_watched; // a few
};

} // namespace godwit::db
