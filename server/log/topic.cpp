// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/log/topic.h"

#include <algorithm>

namespace godwit::log {

Topic::Topic(QString name, TopicState state, const Options &options)
    : m_name(std::move(name)),
      m_ringEvents(options.ringEvents),
      m_ringBytesLimit(options.ringBytes),
      m_state(std::move(state))
{
}

TopicState Topic::state() const
{
    const std::scoped_lock lock(m_mutex);
    return m_state;
}

void Topic::addListener(const void *owner, Listener listener)
{
    const std::scoped_lock lock(m_mutex);
    const bool isThere = std::any_of(m_listeners.begin(), m_listeners.end(),
                                     [owner](const auto &other) { return other.first == owner; });
    if (!isThere)
        m_listeners.emplace_back(owner, std::move(listener));
}

std::variant<Topic::Ready, Topic::Part, Topic::InDatabase, Topic::Gone> Topic::follow(const Position &from,
                                                                                      const std::function<void()> &join)
{
    const std::scoped_lock lock(m_mutex);
    if (from.epoch != m_state.last.epoch || from.offset > m_state.last.offset || from.offset + 1 < m_state.oldest)
        return Gone{ m_state };
    const qint64 missing = m_state.last.offset - from.offset;
    if (missing > qint64(m_ring.size()))
        return InDatabase{ m_state.last.offset - qint64(m_ring.size()) };
    const auto first = m_ring.end() - missing;
    auto end = first;
    for (qint64 bytes = 0; end != m_ring.end() && end - first < pageEvents; ++end) {
        bytes += (*end)->data.size();
        if (bytes > pageBytes && end != first)
            break;
    }
    QList<EventPointer> events(first, end);
    if (end != m_ring.end())
        return Part{ std::move(events) };
    join();
    return Ready{ std::move(events) };
}

Topic::Figures Topic::figures() const
{
    const std::scoped_lock lock(m_mutex);
    return { .state = m_state, .ringEvents = qsizetype(m_ring.size()), .ringBytes = m_ringBytes };
}

void Topic::publish(const EventPointer &event)
{
    const std::scoped_lock lock(m_mutex);
    if (event->position.offset <= m_state.last.offset)
        return; // appended by the transaction that it was opened in, before that
    m_state.last = event->position;
    m_ring.push_back(event);
    m_ringBytes += event->data.size();
    while (qsizetype(m_ring.size()) > m_ringEvents || m_ringBytes > m_ringBytesLimit) {
        m_ringBytes -= m_ring.front()->data.size();
        m_ring.pop_front();
    }
    m_fanout.publish(event);
    for (const auto &[owner, listener] : m_listeners)
        listener(event);
}

void Topic::trimmed(const TopicState &state)
{
    const std::scoped_lock lock(m_mutex);
    m_state.oldest = state.oldest;
    while (!m_ring.empty() && m_ring.front()->position.offset < state.oldest) {
        m_ringBytes -= m_ring.front()->data.size();
        m_ring.pop_front();
    }
}

} // namespace godwit::log
