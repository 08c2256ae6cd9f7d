// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/search/query.h"
#include "shared/core/clock.h"

#include <QHash>

#include <list>
#include <mutex>
#include <optional>

namespace godwit::search {

/// Results for a while, bounded in entries and bytes; the longest unused goes first. A table behind a short lock.
class ResultCache
{
public:
    struct Options
    {
        std::chrono::milliseconds timeToLive{ 60'000 };
        qsizetype entries = 10'000;
        qsizetype bytes = 32 * 1024 * 1024;
    };

    ResultCache(Options options, const Clock &clock) : m_options(options), m_clock(clock) { }

    std::optional<Found> get(const QString &key);
    /// Of what the cache holds; changes when it is cleared.
    quint64 generation() const;
    /// Keeps @p found, unless the cache was cleared since @p generation: then it may be older than what cleared it.
    void put(const QString &key, const Found &found, quint64 generation);
    void clear();

    struct Figures
    {
        qsizetype entries = 0, bytes = 0, hits = 0, misses = 0;
    };
    Figures figures() const;

private:
    struct Entry
    {
        QString key;
        Found found;
        qsizetype bytes = 0;
        TimePoint until;
    };
    using Entries = std::list<Entry>; // the last used first

    void remove(Entries::iterator entry);

    const Options m_options;
    const Clock &m_clock;
    mutable std::mutex m_mutex;
    Entries m_entries;
    QHash<QString, Entries::iterator> m_index;
    qsizetype m_bytes = 0, m_hits = 0, m_misses = 0;
    quint64 m_generation = 0;
};

} // namespace godwit::search
