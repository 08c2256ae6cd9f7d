// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/ttlcache.h"

#include <QRandomGenerator>

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <variant>

namespace godwit::async {

template<class Key, class Value>
class TtlCache<Key, Value>::Lookup
{
public:
    bool await_ready() const
    {
        const auto *pending = std::get_if<OneShot<Answer>>(&m_outcome);
        return !pending || pending->await_ready();
    }
    bool await_suspend(std::coroutine_handle<> coroutine)
    {
        return std::get_if<OneShot<Answer>>(&m_outcome)->await_suspend(coroutine);
    }
    Answer await_resume()
    {
        if (auto *pending = std::get_if<OneShot<Answer>>(&m_outcome))
            return pending->await_resume();
        if (const KeptError *error = std::get_if<KeptError>(&m_outcome))
            throw Error(**error);
        return std::move(*std::get_if<Answer>(&m_outcome));
    }

private:
    friend class TtlCache;
    using Outcome = std::variant<Answer, KeptError, OneShot<Answer>>;
    explicit Lookup(Outcome outcome) : m_outcome(std::move(outcome)) { }

    Outcome m_outcome;
};

/// One load, and who waits for it.
template<class Key, class Value>
struct TtlCache<Key, Value>::Flight
{
    Flight(Key wanted, Shard &home, bool refreshes) : key(std::move(wanted)), shard(home), isRefresh(refreshes) { }

    const Key key;
    Shard &shard;
    const bool isRefresh; ///< it goes on when nobody waits
    std::stop_source stop;
    Waiters waiters; ///< under the shard's lock
};

/// Ends once: with the load, or by its token.
template<class Key, class Value>
class TtlCache<Key, Value>::Waiter
{
public:
    Waiter(const Context &context, typename OneShot<Answer>::Finisher finisher, Span span)
        : m_context(context),
          m_finisher(std::move(finisher)),
          m_span(std::move(span))
    {
    }

    /// When it is among the flight's, and not under the lock: the token may fire within.
    void heedToken(const std::shared_ptr<State> &state, const FlightPointer &flight)
    {
        if (m_context.stop.stop_possible())
            m_stopped.emplace(m_context.stop, Leave{ *this, state, flight });
    }

    /// True for one caller only, who then has to finish it.
    bool claim() { return !m_claimed.test_and_set(std::memory_order_acq_rel); }

    void finish(const std::optional<Value> &value, const std::exception_ptr &error)
    {
        if (!claim())
            return;
        m_span.end(); // before the waiter goes on
        if (error)
            m_finisher.fail(error);
        else
            m_finisher.set(Answer{ .value = value, .source = Source::Miss });
    }

private:
    struct Leave
    {
        Waiter &waiter;
        std::weak_ptr<State> state; // keeps the flight's shard
        std::weak_ptr<Flight> flight;

        void operator()() const
        {
            if (!waiter.claim())
                return;
            waiter.m_span.end();
            waiter.m_finisher.fail(waiter.m_context.stopError());
            std::shared_ptr<Waiter> self; // dies last, with this callback in it, which the standard allows
            const std::shared_ptr<State> owner = state.lock();
            const FlightPointer left = flight.lock();
            if (!owner || !left)
                return;
            {
                const std::lock_guard lock(left->shard.mutex);
                const auto place = std::ranges::find(left->waiters, &waiter, &std::shared_ptr<Waiter>::get);
                if (place == left->waiters.end())
                    return; // it has landed, or the cache is gone
                self = std::move(*place);
                left->waiters.erase(place);
                if (!left->waiters.empty() || left->isRefresh)
                    return;
                left->shard.part(owner->probe(left->key), left.get()); // nobody may join what is about to stop
            }
            left->stop.request_stop();
        }
    };

    const Context m_context;
    std::atomic_flag m_claimed;
    typename OneShot<Answer>::Finisher m_finisher;
    Span m_span; // of whoever has claimed
    std::optional<std::stop_callback<Leave>> m_stopped; // last: its callback uses all of the above
};

/// On a cache line of its own, so that threads with different keys do not slow each other down.
template<class Key, class Value>
struct alignas(64) TtlCache<Key, Value>::Shard
{
    using Index = std::unordered_set<Place, Hash, Equal>;

    mutable std::mutex mutex; // guards all below
    Entries entries;
    Index index{ 0, Hash{ 0 } };
    std::unordered_map<Key, FlightPointer, Hash, Equal> flights{ 0, Hash{ 0 } };
    std::vector<FlightPointer> parted; // still on their way, overtaken by what is newer or left by all
    quint64 generation = 0;
    qsizetype bytes = 0;
    size_t nextBucket = 0; // of the search for what has expired, which goes round
    qint64 hits = 0, stale = 0, misses = 0, loads = 0, evictions = 0, expirations = 0;

    /// A place that is still good, moved to the front; counted.
    template<class K>
    std::optional<Place> look(const Probe<K> &probe, TimePoint now, Entries &dropped)
    {
        const auto found = index.find(probe);
        if (found == index.end()) {
            ++misses;
            return {};
        }
        const Place place = *found;
        if (now >= place->until) {
            ++misses;
            ++expirations;
            take(found, dropped);
            return {};
        }
        ++(now < place->freshUntil ? hits : stale);
        if (place != entries.begin())
            entries.splice(entries.begin(), entries, place);
        return place;
    }

    /// Out of the shard. What is dropped is destroyed by the caller, without the lock.
    void take(typename Index::const_iterator found, Entries &dropped)
    {
        const Place place = *found;
        bytes -= place->bytes;
        index.erase(found);
        dropped.splice(dropped.begin(), entries, place);
    }

    template<class K>
    void drop(const Probe<K> &probe, Entries &dropped)
    {
        if (const auto found = index.find(probe); found != index.end())
            take(found, dropped);
    }

    /// @p added holds one entry, or none if it is not to be kept; what it replaces must be gone.
    void add(Entries &added, qsizetype mostEntries, qsizetype mostBytes, TimePoint now, Entries &dropped)
    {
        if (added.empty() || added.front().bytes > mostBytes)
            return;
        dropExpired(4, now, dropped);
        bytes += added.front().bytes;
        entries.splice(entries.begin(), added);
        index.insert(entries.begin());
        while (qsizetype(entries.size()) > mostEntries || bytes > mostBytes) {
            ++evictions;
            take(index.find(std::prev(entries.end())), dropped);
        }
    }

    /// Among about the next @p most entries. A bucket holds one on average.
    qsizetype dropExpired(qsizetype most, TimePoint now, Entries &dropped)
    {
        qsizetype count = 0;
        for (auto looked = std::min(most, qsizetype(index.bucket_count())); looked > 0; --looked) {
            nextBucket = (nextBucket + 1) % index.bucket_count();
            for (auto place = index.begin(nextBucket); place != index.end(nextBucket);) {
                const Place entry = *place++; // before it is erased
                if (now < entry->until)
                    continue;
                ++count;
                take(index.find(entry), dropped);
            }
        }
        expirations += count;
        return count;
    }

    /// Parts with the flight for a key (with @p only, if it is that one): nobody joins it, nothing of it is kept.
    template<class K>
    void part(const Probe<K> &probe, const Flight *only = nullptr)
    {
        const auto found = flights.find(probe);
        if (found == flights.end() || (only && found->second.get() != only))
            return;
        parted.push_back(std::move(found->second));
        flights.erase(found);
    }
    void partAll()
    {
        for (auto &[key, flight] : flights)
            parted.push_back(std::move(flight));
        flights.clear();
    }

    /// When it has landed. @return whether it is still the one for its key.
    bool close(const Flight &flight)
    {
        const auto found = flights.find(flight.key);
        if (found == flights.end() || found->second.get() != &flight) {
            std::erase_if(parted, [&flight](const FlightPointer &one) { return one.get() == &flight; });
            return false;
        }
        flights.erase(found);
        return true;
    }
};

template<class Key, class Value>
struct TtlCache<Key, Value>::State
{
    static constexpr size_t mostShards = 16;

    State(Options given, const Clock &time)
        : options(std::move(given)),
          clock(time),
          seed(QRandomGenerator::system()->generate64()),
          // A small cache has one, and its least recently used is exact.
          shardCount(std::bit_floor(size_t(
              std::clamp<qsizetype>(std::min(options.entries / 64, options.bytes / (64 * 1024)), 1, mostShards)))),
          entriesOfAShard(options.entries / qsizetype(shardCount)),
          bytesOfAShard(options.bytes / qsizetype(shardCount))
    {
        for (Shard &shard : shards) {
            shard.index = typename Shard::Index(0, Hash{ seed });
            shard.flights = decltype(shard.flights)(0, Hash{ seed });
        }
    }

    /// Qt's views are no arguments of constructors.
    template<class K>
    static Key own(const K &key)
    {
        if constexpr (std::is_constructible_v<Key, const K &>)
            return Key(key);
        else if constexpr (requires {
                               { key.toString() } -> std::same_as<Key>;
                           })
            return key.toString();
        else
            return key.toByteArray();
    }
    template<class K>
    Probe<K> probe(const K &key) const
    {
        return { key, size_t(qHash(key, seed)) };
    }
    template<class K>
    Shard &shardOf(const Probe<K> &probe)
    {
        // The high bits choose the shard, the low ones the bucket in it.
        return shards[(probe.hash >> 57) & (shardCount - 1)];
    }

    /// A list of one, or of none if it is not to be kept.
    Entries entryOf(const Key &key, const Loaded<Value> &item, const KeptError &error, TimePoint now) const
    {
        Milliseconds span = error ? options.errorTimeToLive
            : item.value          ? options.timeToLive
                                  : options.negativeTimeToLive;
        if (item.timeToLive)
            span = *item.timeToLive;
        Entries entries;
        if (span <= Milliseconds(0) || entriesOfAShard < 1)
            return entries;
        // The entry's links, its place in the index and what the heap adds.
        constexpr qsizetype overhead = sizeof(Entry) + 96;
        const TimePoint freshUntil = Deadline::in(span, now).at();
        const TimePoint until = item.value ? Deadline::in(options.staleFor, freshUntil).at() : freshUntil;
        entries.push_back({ .key = key,
                            .value = item.value,
                            .error = error,
                            .freshUntil = freshUntil,
                            .until = until,
                            .bytes = overhead + (item.value && options.cost ? options.cost(key, *item.value) : 0) });
        return entries;
    }

    void land(const FlightPointer &flight, const Loaded<Value> &item, const std::exception_ptr &error,
              const KeptError &kept)
    {
        const TimePoint now = clock.now();
        Entries added, dropped;
        if (!error || kept)
            added = entryOf(flight->key, item, kept, now);
        Waiters waiters;
        {
            const std::lock_guard lock(flight->shard.mutex);
            waiters.swap(flight->waiters);
            // A refresh that failed leaves what is there.
            if (flight->shard.close(*flight) && (!error || kept)) {
                const auto wanted = probe(flight->key);
                const auto known = flight->shard.index.find(wanted);
                if (!kept || known == flight->shard.index.end() || now >= (*known)->until) {
                    flight->shard.drop(wanted, dropped);
                    flight->shard.add(added, entriesOfAShard, bytesOfAShard, now, dropped);
                }
            }
        }
        for (const std::shared_ptr<Waiter> &waiter : waiters)
            waiter->finish(item.value, error);
    }

    const Options options;
    const QByteArray traceName = options.name.toUtf8();
    const Clock &clock;
    const size_t seed; // against keys that are chosen to collide
    const size_t shardCount;
    const qsizetype entriesOfAShard, bytesOfAShard;
    std::array<Shard, mostShards> shards;
};

} // namespace godwit::async
