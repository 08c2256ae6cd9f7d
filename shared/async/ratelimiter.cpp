// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/ratelimiter.h"

#include <QRandomGenerator>

#include <algorithm>
#include <charconv>
#include <cmath>

using namespace Qt::StringLiterals;

namespace godwit::async {

/// How many entries are looked at to find one that may go.
static constexpr int lookedAt = 8;

/// On a cache line of its own, so that threads with different keys do not slow each other down.
struct alignas(64) RateLimiter::Shard
{
    mutable std::mutex mutex; // guards all below
    Times times{ 0, Hash{ 0 } };
    size_t nextBucket = 0; // of the search for idle keys, which goes round
    qint64 allowed = 0, refused = 0, evicted = 0;
};

static QByteArray policyOf(const RateLimiter::Options &options)
{
    const auto window = qint64(std::ceil(options.burst / options.perSecond - 1e-6)); // a whole number stays one
    return '"' + options.name.toLatin1() + "\";q=" + QByteArray::number(options.burst)
        + ";w=" + QByteArray::number(std::max<qint64>(1, window));
}

RateLimiter::RateLimiter(Options options)
    : m_options(std::move(options)),
      m_interval(std::max<Nanoseconds>(1, std::llround(1e9 / std::max(m_options.perSecond, 1e-6)))),
      m_tolerance(m_interval * std::max(1, m_options.burst)),
      m_policyHeader(policyOf(m_options)),
      m_headerBegin('"' + m_options.name.toLatin1() + "\";r="),
      m_keysOfAShard(std::max<size_t>(1, size_t(std::max<qsizetype>(0, m_options.keys)) / shardCount)),
      m_seed(QRandomGenerator::system()->generate64()),
      m_shards(std::make_unique<std::array<Shard, shardCount>>())
{
    for (Shard &shard : *m_shards)
        shard.times = Times(0, Hash{ m_seed });
}

RateLimiter::~RateLimiter() = default;

RateLimiter::Decision RateLimiter::take(QByteArrayView key, TimePoint time, int cost)
{
    const Nanoseconds now = std::chrono::nanoseconds(time.time_since_epoch()).count();
    // What costs more than the burst is refused for ever; its price may be more than 64 bits hold.
    const Nanoseconds price = m_interval * std::clamp(cost, 0, std::max(1, m_options.burst));
    const bool isPayable = cost <= std::max(1, m_options.burst);
    // The high bits choose the shard, the low ones the bucket in it.
    Shard &shard = (*m_shards)[(Hash{ m_seed }(key) >> 57) % shardCount];

    const std::lock_guard lock(shard.mutex);
    const auto found = shard.times.find(key);
    const Nanoseconds owed = found == shard.times.end() ? now : std::max(found->second, now);
    Decision decision{ .isAllowed = isPayable && owed + price - m_tolerance <= now, .limit = m_options.burst };
    const Nanoseconds after = decision.isAllowed ? owed + price : owed;
    decision.remaining = int((now + m_tolerance - after) / m_interval);
    decision.reset = std::chrono::nanoseconds(after - now);
    if (!decision.isAllowed) {
        ++shard.refused;
        decision.retryAfter
            = isPayable ? std::chrono::nanoseconds(owed + price - m_tolerance - now) : std::chrono::nanoseconds::max();
        return decision;
    }
    ++shard.allowed;
    if (found != shard.times.end()) {
        found->second = after;
    } else if (after > now) {
        makeRoom(shard, now);
        shard.times.emplace(key.toByteArray(), after);
    }
    return decision;
}

/// Before a key is added. Each addition looks at a few others, so that idle ones go as fast as new ones come.
void RateLimiter::makeRoom(Shard &shard, Nanoseconds now)
{
    while (forgetIdle(shard, now) && shard.times.size() >= m_keysOfAShard) { }
    if (shard.times.size() >= m_keysOfAShard)
        evict(shard);
}

/// Whether there was one among the next few.
bool RateLimiter::forgetIdle(Shard &shard, Nanoseconds now)
{
    const size_t buckets = std::min<size_t>(lookedAt, shard.times.bucket_count());
    for (size_t i = 0; i < buckets; ++i) {
        shard.nextBucket = (shard.nextBucket + 1) % shard.times.bucket_count();
        for (auto entry = shard.times.begin(shard.nextBucket); entry != shard.times.end(shard.nextBucket); ++entry) {
            if (entry->second > now)
                continue;
            shard.times.erase(shard.times.find(QByteArrayView(entry->first)));
            return true;
        }
    }
    return false;
}

/// The one of a few that owes least.
void RateLimiter::evict(Shard &shard)
{
    auto least = shard.times.end();
    for (int seen = 0; seen < lookedAt && size_t(seen) < shard.times.size();) {
        shard.nextBucket = (shard.nextBucket + 1) % shard.times.bucket_count();
        for (auto entry = shard.times.begin(shard.nextBucket); entry != shard.times.end(shard.nextBucket); ++entry) {
            ++seen;
            if (least == shard.times.end() || entry->second < least->second)
                least = shard.times.find(QByteArrayView(entry->first));
        }
    }
    shard.times.erase(least);
    ++shard.evicted;
}

Error RateLimiter::refusal(const Decision &decision) const
{
    using namespace std::chrono;
    const auto wait
        = decision.retryAfter == nanoseconds::max() ? milliseconds(0) : ceil<milliseconds>(decision.retryAfter);
    const bool isSlow = m_options.perSecond < 1;
    return Error(
               Error::Code::ResourceExhausted,
               u"too many requests: %1 a %2 are allowed, and %3 at once"_s.arg(m_options.perSecond * (isSlow ? 60 : 1))
                   .arg(isSlow ? u"minute"_s : u"second"_s)
                   .arg(m_options.burst))
        .withDecider({ .kind = Decider::Kind::RateLimit,
                       .name = m_options.name,
                       .limit = double(decision.limit),
                       .used = double(decision.limit - decision.remaining),
                       .retryAfter = wait });
}

QByteArray RateLimiter::header(const Decision &decision) const
{
    QByteArray text;
    text.reserve(m_headerBegin.size() + 32);
    const auto append = [&text](qint64 number) { // without an allocation, unlike QByteArray::number()
        std::array<char, 20> digits;
        text.append(digits.data(),
                    std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr - digits.data());
    };
    text += m_headerBegin;
    append(decision.remaining);
    text += ";t=";
    append(std::chrono::ceil<std::chrono::seconds>(decision.reset).count());
    return text;
}

RateLimiter::Figures RateLimiter::figures() const
{
    Figures figures;
    for (const Shard &shard : *m_shards) {
        const std::lock_guard lock(shard.mutex);
        figures.allowed += shard.allowed;
        figures.refused += shard.refused;
        figures.evicted += shard.evicted;
        figures.keys += qsizetype(shard.times.size());
    }
    return figures;
}

} // namespace godwit::async
