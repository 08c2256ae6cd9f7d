// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/ttlcache.h"
#include "shared/async/ttlcache_parts.h"

namespace godwit::async {

template<class Key, class Value>
TtlCache<Key, Value>::TtlCache(Options options, const Clock &clock)
    : m_state(std::make_shared<State>(std::move(options), clock))
{
}

template<class Key, class Value>
TtlCache<Key, Value>::~TtlCache()
{
    for (Shard &shard : m_state->shards) {
        std::vector<FlightPointer> flights;
        std::vector<Waiters> waiters;
        {
            const std::lock_guard lock(shard.mutex);
            shard.partAll();
            flights.swap(shard.parted);
            for (const FlightPointer &flight : flights)
                waiters.emplace_back().swap(flight->waiters);
        }
        for (const FlightPointer &flight : flights)
            flight->stop.request_stop();
        const auto cancelled = std::make_exception_ptr(Error::cancelled());
        for (const Waiters &ofOne : waiters) {
            for (const std::shared_ptr<Waiter> &waiter : ofOne)
                waiter->finish({}, cancelled);
        }
    }
}

template<class Key, class Value>
template<class Load>
QCoro::Task<> TtlCache<Key, Value>::run(std::shared_ptr<State> state, FlightPointer flight, Context context, Load load)
{
    Loaded<Value> item(std::nullopt);
    std::exception_ptr error;
    KeptError kept;
    try {
        item = co_await load(context);
    } catch (const Error &failed) {
        error = std::current_exception();
        if (state->options.errorTimeToLive > Milliseconds(0) && failed.code() != Error::Code::Cancelled)
            kept = std::make_shared<const Error>(failed);
    } catch (...) {
        error = std::current_exception();
    }
    state->land(flight, item, error, kept);
}

template<class Key, class Value>
template<class K, class Load>
auto TtlCache<Key, Value>::get(const Context &context, const K &key, Load load) -> Lookup
{
    const auto probe = m_state->probe(key);
    const TimePoint now = m_state->clock.now();
    Shard &shard = m_state->shardOf(probe);
    Entries dropped;
    Span span(context.trace, "cache"); // ends with the answer
    const TracePosition within = span.position();
    if (span)
        span.set("name", m_state->traceName);
    std::optional<typename Lookup::Outcome> outcome; // of a stale entry
    FlightPointer flight;
    std::shared_ptr<Waiter> waiter; // shared with the flight
    bool isFirst = true;
    {
        const std::lock_guard lock(shard.mutex);
        if (const auto place = shard.look(probe, now, dropped)) {
            const Entry &entry = **place;
            const bool isFresh = now < entry.freshUntil;
            span.set("outcome", isFresh ? QByteArrayLiteral("hit") : QByteArrayLiteral("stale"));
            if (isFresh) {
                if (entry.error)
                    return Lookup(entry.error);
                return Lookup(Answer{ .value = entry.value, .source = Source::Hit });
            }
            outcome.emplace(Answer{ .value = entry.value, .source = Source::Stale });
            if (shard.flights.find(probe) != shard.flights.end())
                return Lookup(*std::move(outcome));
            flight = std::make_shared<Flight>(State::own(key), shard, true);
        } else {
            auto [finisher, pending] = oneShot<Answer>();
            outcome.emplace(std::move(pending));
            if (context.isStopped()) {
                finisher.fail(context.stopError());
                return Lookup(*std::move(outcome));
            }
            span.set("outcome", QByteArrayLiteral("miss"));
            waiter = std::make_shared<Waiter>(context, std::move(finisher), std::move(span));
            const auto known = shard.flights.find(probe);
            isFirst = known == shard.flights.end();
            flight = isFirst ? std::make_shared<Flight>(State::own(key), shard, false) : known->second;
            flight->waiters.push_back(waiter);
        }
        if (isFirst) {
            ++shard.loads;
            shard.flights.emplace(flight->key, flight);
        }
    }
    if (waiter)
        waiter->heedToken(m_state, flight);
    if (isFirst) {
        Context own = context; // and what else travels with who asked first
        own.stop = flight->stop.get_token();
        own.deadline = Deadline::in(m_state->options.loadDeadline);
        if (within)
            own.trace = within;
        run(m_state, std::move(flight), std::move(own), std::move(load));
    }
    return Lookup(*std::move(outcome));
}

template<class Key, class Value>
template<class K>
auto TtlCache<Key, Value>::find(const K &key) -> std::optional<Answer>
{
    const auto probe = m_state->probe(key);
    const TimePoint now = m_state->clock.now();
    Shard &shard = m_state->shardOf(probe);
    Entries dropped;
    KeptError error;
    {
        const std::lock_guard lock(shard.mutex);
        const auto place = shard.look(probe, now, dropped);
        if (!place)
            return {};
        error = (*place)->error;
        if (!error) {
            const bool isFresh = now < (*place)->freshUntil;
            return Answer{ .value = (*place)->value, .source = isFresh ? Source::Hit : Source::Stale };
        }
    }
    throw Error(*error);
}

template<class Key, class Value>
template<class K>
void TtlCache<Key, Value>::put(const K &key, Loaded<Value> item)
{
    const auto probe = m_state->probe(key);
    const TimePoint now = m_state->clock.now();
    Shard &shard = m_state->shardOf(probe);
    Entries added = m_state->entryOf(State::own(key), item, {}, now), dropped;
    const std::lock_guard lock(shard.mutex);
    ++shard.generation;
    shard.part(probe);
    shard.drop(probe, dropped);
    shard.add(added, m_state->entriesOfAShard, m_state->bytesOfAShard, now, dropped);
}

template<class Key, class Value>
template<class K>
void TtlCache<Key, Value>::remove(const K &key)
{
    const auto probe = m_state->probe(key);
    Shard &shard = m_state->shardOf(probe);
    Entries dropped;
    const std::lock_guard lock(shard.mutex);
    ++shard.generation;
    shard.part(probe);
    shard.drop(probe, dropped);
}

template<class Key, class Value>
void TtlCache<Key, Value>::clear()
{
    for (Shard &shard : m_state->shards) {
        Entries dropped;
        const std::lock_guard lock(shard.mutex);
        ++shard.generation;
        shard.index.clear();
        shard.bytes = 0;
        dropped.swap(shard.entries);
        shard.partAll();
    }
}

template<class Key, class Value>
template<class K>
quint64 TtlCache<Key, Value>::generation(const K &key) const
{
    const Shard &shard = m_state->shardOf(m_state->probe(key));
    const std::lock_guard lock(shard.mutex);
    return shard.generation;
}

template<class Key, class Value>
template<class K>
bool TtlCache<Key, Value>::fill(const K &key, Loaded<Value> item, quint64 generation)
{
    const auto probe = m_state->probe(key);
    const TimePoint now = m_state->clock.now();
    Shard &shard = m_state->shardOf(probe);
    Entries added = m_state->entryOf(State::own(key), item, {}, now), dropped;
    const std::lock_guard lock(shard.mutex);
    if (generation != shard.generation)
        return false;
    shard.drop(probe, dropped);
    shard.add(added, m_state->entriesOfAShard, m_state->bytesOfAShard, now, dropped);
    return true;
}

template<class Key, class Value>
qsizetype TtlCache<Key, Value>::cleanUp(qsizetype most)
{
    const TimePoint now = m_state->clock.now();
    const qsizetype ofEach = std::max<qsizetype>(1, most / qsizetype(m_state->shardCount));
    qsizetype count = 0;
    for (size_t i = 0; i < m_state->shardCount; ++i) {
        Entries dropped;
        const std::lock_guard lock(m_state->shards[i].mutex);
        count += m_state->shards[i].dropExpired(ofEach, now, dropped);
    }
    return count;
}

template<class Key, class Value>
auto TtlCache<Key, Value>::figures() const -> Figures
{
    Figures figures;
    for (const Shard &shard : m_state->shards) {
        const std::lock_guard lock(shard.mutex);
        figures.entries += qsizetype(shard.entries.size());
        figures.bytes += shard.bytes;
        figures.loading += qsizetype(shard.flights.size() + shard.parted.size());
        figures.hits += shard.hits;
        figures.stale += shard.stale;
        figures.misses += shard.misses;
        figures.loads += shard.loads;
        figures.evictions += shard.evictions;
        figures.expirations += shard.expirations;
    }
    return figures;
}

} // namespace godwit::async
