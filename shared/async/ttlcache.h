// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/context.h"
#include "shared/async/oneshot.h"

#include <QCoroTask>
#include <QHash>

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <vector>

namespace godwit::async {

/// What a load returns and a cache keeps: a value, or that there is none.
template<class Value>
struct Loaded
{
    Loaded(Value found) : value(std::move(found)) { }
    Loaded(std::optional<Value> found) : value(std::move(found)) { }
    Loaded(std::nullopt_t) { }

    std::optional<Value> value{};
    std::optional<std::chrono::milliseconds> timeToLive{}; ///< instead of the cache's; zero: not kept
};

/// Keeps values for a while, bounded in entries and bytes (the longest unused goes first), and loads what it has not:
/// however many ask for a key at a time, one load runs (single flight).
///
///     TtlCache<qint64, User> cache({ .name = u"users"_s });
///     auto lookup = cache.get(context, id, [&store, id](const Context &c) { return loadUser(store, c, id); });
///     const auto answer = co_await std::move(lookup);
///
/// A load runs in the thread that first asked, which needs an event loop and must not end before it, on a context of
/// its own: a deadline of Options::loadDeadline, and a token that fires when everybody who waits has left by their own
/// tokens; one who leaves takes nothing from the others. What it refers to must outlive it; the cache need not: its
/// end tells loads to stop, and those who wait end with Error::Cancelled. A load must not ask for its own key.
///
/// What is newer is never overwritten by what is older: put(), remove() and clear() part with the loads that were begun
/// before them. Those still answer who waited, but nothing of theirs is kept and nobody joins them any more.
///
/// An entry past its time may be served for Options::staleFor longer, marked, while one refresh runs in the background
/// ("stale-while-revalidate", RFC 5861); a refresh that fails leaves it as it is.
///
/// A traced request shows the look-up as a span `cache`, with what the load did within it.
///
/// Any thread: keys are spread over shards, each behind a lock that is held for one look-up; no value is destroyed and
/// nothing foreign called under it. No thread of its own: puts and cleanUp() drop what has expired. Keys are found by
/// whatever qHash() and == take for the same (a QStringView for a QString), without an allocation. @p Value is copied
/// at each hit: implicitly shared, or a std::shared_ptr.
template<class Key, class Value>
class TtlCache
{
    Q_DISABLE_COPY_MOVE(TtlCache)
    using Milliseconds = std::chrono::milliseconds;

public:
    struct Options
    {
        QString name{}; ///< in the engine room
        Milliseconds timeToLive{ 300'000 };
        Milliseconds staleFor{ 0 }; ///< served beyond that time, while it is refreshed
        Milliseconds negativeTimeToLive{ 30'000 }; ///< of "there is none"
        Milliseconds errorTimeToLive{ 0 }; ///< of an Error that a load ended with; by default it is not kept
        Milliseconds loadDeadline{ 30'000 };
        qsizetype entries = 10'000; ///< at most
        qsizetype bytes = 32 * 1024 * 1024; ///< at most, of all entries; what is larger than a shard's part is not kept
        /// Bytes that a key and its value hold outside of the two objects; called without a lock.
        std::function<qsizetype(const Key &, const Value &)> cost{};
    };

    enum class Source { Hit, Stale, Miss };
    struct Answer
    {
        std::optional<Value> value{}; ///< none: there is nothing
        Source source = Source::Hit;
    };

    /// To be awaited, once: at once for what is kept, else when its load has ended. Throws what the load threw, or the
    /// context's stopError() as soon as its token fires. Dropped, it counts as one who waits until the load has ended.
    class Lookup;

    explicit TtlCache(Options options, const Clock &clock = Clock::system());
    ~TtlCache();

    /// What is kept for @p key, or what @p load brings. @param load makes a QCoro::Task<Loaded<Value>> from the load's
    /// Context; called at most once, kept until the task has ended, and not a coroutine itself.
    template<class K, class Load>
    Lookup get(const Context &context, const K &key, Load load);

    /// What is kept for @p key, without loading or refreshing. Throws a kept Error.
    template<class K>
    std::optional<Answer> find(const K &key);

    /// Write-through: when the database has it. In the order of the commits, if there are several for a key.
    template<class K>
    void put(const K &key, Loaded<Value> item);
    template<class K>
    void remove(const K &key);
    void clear();

    /// For who loads by himself: read before loading, and given to fill(), which keeps nothing if there was a put(),
    /// remove() or clear() since, of this key or of a few others.
    template<class K>
    quint64 generation(const K &key) const;
    template<class K>
    bool fill(const K &key, Loaded<Value> item, quint64 generation);

    /// Looks at about @p most entries, going round, and drops those that have expired. @return how many.
    qsizetype cleanUp(qsizetype most = 256);

    struct Figures
    {
        qsizetype entries = 0, bytes = 0, loading = 0; ///< now
        /// Since the start. A get() that waits for another's load is a miss without a load.
        qint64 hits = 0, stale = 0, misses = 0, loads = 0, evictions = 0, expirations = 0;
    };
    Figures figures() const;
    const Options &options() const { return m_state->options; }

private:
    using KeptError = std::shared_ptr<const Error>; // shared by the entry and those who are about to throw it
    struct Entry
    {
        Key key;
        std::optional<Value> value;
        KeptError error;
        TimePoint freshUntil, until;
        qsizetype bytes = 0;
    };
    using Entries = std::list<Entry>; // the last used first
    using Place = typename Entries::iterator;

    /// A key to look for, of whatever type, and its hash.
    template<class K>
    struct Probe
    {
        const K &key;
        size_t hash;
    };
    struct Hash // not noexcept, on purpose: libstdc++ then keeps the hashes
    {
        using is_transparent = void;
        size_t operator()(Place place) const { return qHash(place->key, seed); }
        size_t operator()(const Key &key) const { return qHash(key, seed); }
        template<class K>
        size_t operator()(const Probe<K> &probe) const
        {
            return probe.hash;
        }
        size_t seed;
    };
    struct Equal
    {
        using is_transparent = void;
        static const Key &keyOf(Place place) { return place->key; }
        static const Key &keyOf(const Key &key) { return key; }
        template<class K>
        static const K &keyOf(const Probe<K> &probe)
        {
            return probe.key;
        }
        template<class A, class B>
        bool operator()(const A &a, const B &b) const
        {
            return keyOf(a) == keyOf(b);
        }
    };

    struct State;
    struct Shard;
    struct Flight;
    class Waiter;
    using FlightPointer = std::shared_ptr<Flight>; // shared by its shard, its load and who leaves it
    using Waiters = std::vector<std::shared_ptr<Waiter>>; // shared with whoever is making or ending it

    template<class Load>
    static QCoro::Task<> run(std::shared_ptr<State> state, FlightPointer flight, Context context, Load load);

    const std::shared_ptr<State> m_state; // shared with the loads, which may end after the cache
};

} // namespace godwit::async

#include "shared/async/ttlcache_definitions.h" // IWYU pragma: export
