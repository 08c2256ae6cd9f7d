// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/tokencache.h"

#include <QRandomGenerator>

#include <algorithm>

namespace godwit::auth {

TokenCache::TokenCache(qsizetype entries)
    : m_seed(size_t(QRandomGenerator::system()->generate64())),
      m_entriesOfAShard(std::max<size_t>(1, size_t(entries) / shardCount))
{
    for (Shard &shard : m_shards)
        shard.entries = decltype(shard.entries)(0, Hash{ m_seed });
}

/// By other bits than those that choose the bucket.
size_t TokenCache::shardOf(QByteArrayView token) const
{
    return (Hash{ m_seed }(token) >> 48U) % shardCount;
}

std::optional<TokenCache::Entry> TokenCache::find(QByteArrayView token) const
{
    const Shard &shard = m_shards[shardOf(token)];
    const std::scoped_lock lock(shard.mutex);
    const auto found = shard.entries.find(token);
    return found == shard.entries.end() ? std::nullopt : std::optional(found->second);
}

void TokenCache::put(QByteArrayView token, Entry entry)
{
    Shard &shard = m_shards[shardOf(token)];
    const std::scoped_lock lock(shard.mutex);
    const auto found = shard.entries.find(token);
    if (found != shard.entries.end()) {
        found->second = std::move(entry);
        return;
    }
    // Any other will do: to be verified again is no loss that one could see.
    if (shard.entries.size() >= m_entriesOfAShard)
        shard.entries.erase(shard.entries.begin());
    shard.entries.emplace(token.toByteArray(), std::move(entry));
}

void TokenCache::remove(QByteArrayView token)
{
    Shard &shard = m_shards[shardOf(token)];
    const std::scoped_lock lock(shard.mutex);
    const auto found = shard.entries.find(token);
    if (found != shard.entries.end())
        shard.entries.erase(found);
}

qsizetype TokenCache::size() const
{
    qsizetype size = 0;
    for (const Shard &shard : m_shards) {
        const std::scoped_lock lock(shard.mutex);
        size += qsizetype(shard.entries.size());
    }
    return size;
}

} // namespace godwit::auth
