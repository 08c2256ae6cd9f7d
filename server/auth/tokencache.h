// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/jwt.h"

#include <array>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace godwit::auth {

/// Access tokens that were found good: one that is sent again costs a look-up in place of a signature. Bounded, and
/// safe in any thread: a table in shards, each behind a lock that is held for one look-up.
class TokenCache
{
public:
    struct Entry
    {
        std::shared_ptr<const Claims> claims; ///< shared with the requests that carry the token
        std::shared_ptr<const protocol::Principal> principal; ///< likewise
        quint64 changes = 0; ///< LiveAccounts::changes() when it was looked at
    };

    explicit TokenCache(qsizetype entries = 16'384);

    /// Whether it has expired meanwhile is up to the caller.
    std::optional<Entry> find(QByteArrayView token) const;
    void put(QByteArrayView token, Entry entry);
    void remove(QByteArrayView token);
    qsizetype size() const;

private:
    struct Hash
    {
        using is_transparent = void;
        size_t operator()(QByteArrayView token) const { return qHash(token, seed); }
        size_t seed;
    };
    struct Equal
    {
        using is_transparent = void;
        bool operator()(QByteArrayView a, QByteArrayView b) const { return a == b; }
    };
    struct Shard
    {
        mutable std::mutex mutex;
        std::unordered_map<QByteArray, Entry, Hash, Equal> entries;
        Shard() : entries(0, Hash{ 0 }) { }
    };
    static constexpr size_t shardCount = 16;

    size_t shardOf(QByteArrayView token) const;

    const size_t m_seed;
    const size_t m_entriesOfAShard;
    std::array<Shard, shardCount> m_shards;
};

} // namespace godwit::auth
