// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/log/fanout.h"
#include "server/log/options.h"
#include "server/log/store.h"

#include <deque>
#include <functional>
#include <mutex>
#include <variant>
#include <vector>

namespace godwit::log {

/// What a reader that is behind is given at a time.
inline constexpr int pageEvents = 200;
inline constexpr qint64 pageBytes = 128 * 1024; ///< or one event

/// A topic while it is in memory: where it stands, its newest events, and who passes new ones on. A table behind a
/// short lock: all functions from any thread.
///
/// It is told of its events in their order, so that whoever follows it from a position and is a member of what a
/// listener feeds from that very moment has no hole and nothing twice.
class Topic
{
public:
    /// Called with each new event after its commit, in order of the offsets, on the database's writer thread and under
    /// the topic's lock: it hands over (EventHub::publish(), BroadcastGroup::broadcast()), without exceptions.
    using Listener = std::function<void(const EventPointer &)>;

    Topic(QString name, TopicState state, const Options &options);

    const QString &name() const { return m_name; }
    TopicState state() const;

    /// For as long as the topic is in memory. Once for each @p owner, however often it comes.
    void addListener(const void *owner, Listener listener);

    /// Of new events, as the listeners: for readers who join it within follow().
    Fanout &fanout() { return m_fanout; }

    struct Ready ///< what comes behind the position; whoever follows has joined
    {
        QList<EventPointer> events{};
    };
    struct Part ///< what comes first behind the position, and not all: nobody has joined
    {
        QList<EventPointer> events{};
    };
    struct InDatabase ///< older than what is in memory: to be read there up to this offset
    {
        qint64 until = 0;
    };
    struct Gone ///< the history is another one, or does not go back so far
    {
        TopicState state{};
    };
    /// Looks what is behind @p from and, if that can be given at once (it is a page at most), calls @p join under the
    /// lock: live events are those that come behind the ones returned.
    std::variant<Ready, Part, InDatabase, Gone> follow(const Position &from, const std::function<void()> &join);

    struct Figures
    {
        TopicState state{};
        qsizetype ringEvents = 0;
        qint64 ringBytes = 0;
    };
    Figures figures() const;

private:
    friend class EventLog;
    // On the writer's thread, in the order of the commits.
    void publish(const EventPointer &event);
    void trimmed(const TopicState &state);

    const QString m_name;
    const int m_ringEvents;
    const qint64 m_ringBytesLimit;
    Fanout m_fanout;
    mutable std::mutex m_mutex;
    TopicState m_state;
    std::deque<EventPointer> m_ring; // the newest, dense up to the last
    qint64 m_ringBytes = 0;
    std::vector<std::pair<const void *, Listener>> m_listeners;
};

} // namespace godwit::log
