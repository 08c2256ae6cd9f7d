// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/resultcache.h"

namespace godwit::search {

std::optional<Found> ResultCache::get(const QString &key)
{
    const TimePoint now = m_clock.now();
    const std::lock_guard lock(m_mutex);
    const auto known = m_index.constFind(key);
    if (known == m_index.cend()) {
        ++m_misses;
        return {};
    }
    const Entries::iterator entry = *known;
    if (now >= entry->until) {
        ++m_misses;
        remove(entry);
        return {};
    }
    ++m_hits;
    m_entries.splice(m_entries.begin(), m_entries, entry);
    return entry->found;
}

quint64 ResultCache::generation() const
{
    const std::lock_guard lock(m_mutex);
    return m_generation;
}

void ResultCache::put(const QString &key, const Found &found, quint64 generation)
{
    // The hits hold the same texts as the JSON, in UTF-16, and what containers take.
    const qsizetype bytes = 3 * found.json.size() + 2 * key.size() + 200 * (1 + found.hits.size());
    const TimePoint until = m_clock.now() + m_options.timeToLive;
    const std::lock_guard lock(m_mutex);
    if (generation != m_generation || bytes > m_options.bytes || m_options.entries < 1)
        return;
    if (const auto known = m_index.constFind(key); known != m_index.cend())
        remove(*known);
    while (!m_entries.empty()
           && (m_bytes + bytes > m_options.bytes || qsizetype(m_entries.size()) >= m_options.entries))
        remove(std::prev(m_entries.end()));
    m_entries.push_front({ key, found, bytes, until });
    m_index.insert(key, m_entries.begin());
    m_bytes += bytes;
}

void ResultCache::clear()
{
    const std::lock_guard lock(m_mutex);
    ++m_generation;
    m_entries.clear();
    m_index.clear();
    m_bytes = 0;
}

ResultCache::Figures ResultCache::figures() const
{
    const std::lock_guard lock(m_mutex);
    return { .entries = qsizetype(m_entries.size()), .bytes = m_bytes, .hits = m_hits, .misses = m_misses };
}

void ResultCache::remove(Entries::iterator entry)
{
    m_bytes -= entry->bytes;
    m_index.remove(entry->key);
    m_entries.erase(entry);
}

} // namespace godwit::search
