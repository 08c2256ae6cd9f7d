// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/search/query.h"
#include "shared/async/ttlcache.h"

namespace godwit::search {

/// Results for a while, by what was looked for and how.
using ResultCache = async::TtlCache<QString, Found>;

inline ResultCache::Options resultCacheOptions()
{
    return { .name = QStringLiteral("search"), .timeToLive = std::chrono::seconds(60) };
}

/// The hits hold the same texts as the JSON, in UTF-16, and what containers take.
inline qsizetype costOf(const QString &key, const Found &found)
{
    return 3 * found.json.size() + 2 * key.size() + 200 * (1 + found.hits.size());
}

} // namespace godwit::search
