// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"
#include "shared/core/error.h"

#include <QString>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace godwit::db {

/// A bounded FIFO between those who submit and the threads with connections. Shared behind a short lock.
template<class Item>
class Lane
{
public:
    Lane(QString name, qsizetype limit) : m_name(std::move(name)), m_limit(limit) { }

    enum class Added { TakenSoon, Waits, Refused };
    /// Waits: no thread was free, so the item's time in the queue is to be watched. Refused leaves @p item alone.
    Added add(Item &item)
    {
        const std::lock_guard lock(m_mutex);
        if (m_stopped || qsizetype(m_items.size()) >= m_limit)
            return Added::Refused;
        m_items.push_back({ std::move(item), std::chrono::steady_clock::now() });
        if (m_items.size() > m_sleepers)
            return Added::Waits;
        m_arrived.notify_one();
        return Added::TakenSoon;
    }

    /// The first item; waits for one, at most until @p until. Nothing then, and after stop().
    std::optional<Item> take(TimePoint until)
    {
        std::unique_lock lock(m_mutex);
        ++m_sleepers;
        const auto ready = [this, seen = m_nudges] { return m_stopped || !m_items.empty() || m_nudges != seen; };
        if (until == TimePoint::max())
            m_arrived.wait(lock, ready);
        else
            m_arrived.wait_until(lock, until, ready);
        --m_sleepers;
        return first();
    }

    /// Makes all that wait in take() return, with nothing if there is nothing.
    void nudge()
    {
        const std::lock_guard lock(m_mutex);
        ++m_nudges;
        m_arrived.notify_all();
    }

    /// The first item if there is one.
    std::optional<Item> takeNow()
    {
        const std::lock_guard lock(m_mutex);
        return first();
    }

    /// Takes out what has waited since before @p since, and what @p isStopped.
    template<class Predicate>
    std::vector<Item> takeStale(TimePoint since, Predicate isStopped)
    {
        std::vector<Item> stale;
        const std::lock_guard lock(m_mutex);
        std::deque<Waiting> kept;
        for (Waiting &waiting : m_items) {
            if (waiting.since <= since || isStopped(waiting.item))
                stale.push_back(std::move(waiting.item));
            else
                kept.push_back(std::move(waiting));
        }
        m_items.swap(kept);
        return stale;
    }

    /// Wakes all; nothing is taken or added any more. Returns what was left.
    std::vector<Item> stop()
    {
        std::vector<Item> left;
        const std::lock_guard lock(m_mutex);
        m_stopped = true;
        left.reserve(m_items.size());
        for (Waiting &waiting : m_items)
            left.push_back(std::move(waiting.item));
        m_items.clear();
        m_arrived.notify_all();
        return left;
    }

    bool isStopped() const
    {
        const std::lock_guard lock(m_mutex);
        return m_stopped;
    }
    qsizetype size() const
    {
        const std::lock_guard lock(m_mutex);
        return qsizetype(m_items.size());
    }
    const QString &name() const { return m_name; }
    qsizetype limit() const { return m_limit; }

private:
    struct Waiting
    {
        Item item;
        TimePoint since;
    };

    std::optional<Item> first()
    {
        if (m_stopped || m_items.empty())
            return {};
        std::optional<Item> item(std::move(m_items.front().item));
        m_items.pop_front();
        return item;
    }

    const QString m_name;
    const qsizetype m_limit;
    mutable std::mutex m_mutex;
    std::condition_variable m_arrived;
    std::deque<Waiting> m_items;
    size_t m_sleepers = 0; // threads that wait in take()
    quint64 m_nudges = 0;
    bool m_stopped = false;
};

} // namespace godwit::db
