// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"
#include "shared/core/error.h"

#include <QByteArray>
#include <QString>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace godwit::async {

/// Limits how often something is done for a key (an address, a user): so many a second, and so many at once after a
/// pause. Exact and without timers: a key is one point in time.
///
///     RateLimiter limiter({ .name = u"search"_s, .perSecond = 2, .burst = 4 });
///     const auto decision = limiter.take(address, clock.now());
///     if (!decision.isAllowed)
///         throw limiter.refusal(decision);
///
/// Algorithm: GCRA, the generic cell rate algorithm, as virtual scheduling (ITU-T I.371, Annex A; ATM Forum TM 4.0). It
/// decides as a token bucket of @c burst tokens does that is filled continuously (proved against one in the tests).
///
/// Memory is bounded by Options::keys. A key whose bucket is full again is forgotten, which changes no decision. If
/// more keys than that are in use at a time, the one nearest to a full bucket of a few is forgotten: so whoever floods
/// the limiter with keys frees first those that were hardly limited, and to be forgotten a key has to be nearly idle.
///
/// Any thread: keys are spread over shards, each behind a lock that is held for one look-up. About 30 ns a call.
class RateLimiter
{
public:
    struct Options
    {
        QString name{}; ///< in refusals and headers: a token of RFC 9110
        double perSecond = 10; ///< above 0
        int burst = 10; ///< at once; at least 1
        qsizetype keys = 100'000; ///< remembered at most
    };

    struct Decision
    {
        bool isAllowed = false;
        int limit = 0; ///< the burst
        int remaining = 0; ///< that would be allowed now, after this
        std::chrono::nanoseconds reset{ 0 }; ///< until all of the burst is there again
        std::chrono::nanoseconds retryAfter{ 0 }; ///< if it was refused: until the same would be allowed
    };

    explicit RateLimiter(Options options);
    ~RateLimiter();

    /// Takes @p cost (up to the burst; more is refused for ever) for @p key. What is refused costs nothing.
    Decision take(QByteArrayView key, TimePoint now, int cost = 1);

    /// Error::ResourceExhausted with the decider of a refused decision.
    Error refusal(const Decision &decision) const;

    /// The fields `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): `"search";q=4;w=2` and
    /// `"search";r=3;t=1`.
    QByteArray policyHeader() const { return m_policyHeader; }
    QByteArray header(const Decision &decision) const;

    struct Figures
    {
        qint64 allowed = 0, refused = 0;
        qsizetype keys = 0; ///< remembered
        qint64 evicted = 0; ///< forgotten before their time, for want of room
    };
    Figures figures() const;
    const Options &options() const { return m_options; }

private:
    using Nanoseconds = std::chrono::nanoseconds::rep;
    struct Hash
    {
        using is_transparent = void;
        size_t operator()(QByteArrayView key) const { return qHash(key, seed); }
        size_t seed;
    };
    struct Equal
    {
        using is_transparent = void;
        bool operator()(QByteArrayView a, QByteArrayView b) const { return a == b; }
    };
    /// To the theoretical arrival time: until then, the key owes.
    using Times = std::unordered_map<QByteArray, Nanoseconds, Hash, Equal>;
    struct Shard;

    void makeRoom(Shard &shard, Nanoseconds now);
    bool forgetIdle(Shard &shard, Nanoseconds now);
    void evict(Shard &shard);

    static constexpr size_t shardCount = 16;
    const Options m_options;
    const Nanoseconds m_interval; // between two at the sustained rate
    const Nanoseconds m_tolerance; // how far into the future a key may owe: the burst
    const QByteArray m_policyHeader, m_headerBegin;
    const size_t m_keysOfAShard, m_seed; // against keys that are chosen to collide
    std::unique_ptr<std::array<Shard, shardCount>> m_shards;
};

} // namespace godwit::async
