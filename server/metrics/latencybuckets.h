// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>

/// Log-linear buckets of latencies in microseconds: exact below 8 us, then eight to each power of two (12.5 % wide), up
/// to 134 s. The scheme of HdrHistogram with three bits.
namespace godwit::metrics::latencybuckets {

inline constexpr int linearBits = 3;
inline constexpr quint64 perOctave = 1U << linearBits;
inline constexpr int octaves = 27; ///< what takes 2^27 us or more counts in the last bucket
inline constexpr size_t count = size_t(octaves - linearBits + 1) * perOctave;

constexpr size_t bucketOf(quint64 micros)
{
    if (micros < perOctave)
        return size_t(micros);
    const int octave = int(std::bit_width(micros)) - 1;
    const size_t bucket
        = size_t(octave - linearBits + 1) * perOctave + ((micros >> (octave - linearBits)) & (perOctave - 1));
    return std::min(bucket, count - 1);
}

/// The least latency that counts in @p bucket; that of the next one is its upper bound.
constexpr quint64 lowerBound(size_t bucket)
{
    if (bucket < perOctave)
        return bucket;
    const quint64 octave = bucket / perOctave + linearBits - 1;
    return (perOctave + bucket % perOctave) << (octave - linearBits);
}

static_assert(bucketOf(0) == 0 && bucketOf(7) == 7 && bucketOf(8) == 8 && bucketOf(16) == 16
              && bucketOf(~0ULL) == count - 1);
static_assert(lowerBound(bucketOf(1024)) == 1024 && lowerBound(bucketOf(1 << 26)) == 1 << 26);

} // namespace godwit::metrics::latencybuckets
