// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/eventstream.h"
#include "server/log/eventlog.h"

#include <stop_token>

namespace godwit::log {

/// Some topics that go to one event stream: first what is behind where its client had got to, then what comes. Each
/// event's id is where the client stands in all of them, so that it can come back with any. A client that reads more
/// slowly than is written is let go, and recovers by that.
///
/// On the stream's reactor. Owned by the stream's farewell, and by what it waits for at the moment.
class Subscription : public std::enable_shared_from_this<Subscription>
{
public:
    using Topics = std::vector<std::shared_ptr<Topic>>; // shared with the log and other readers

    /// @p from has as many positions as there are topics, or none: then what comes from now on.
    Subscription(EventLog &events, Topics topics, const QList<Position> &from);

    /// Begins it; once. @p stream has its first bytes then.
    void start(const std::shared_ptr<http::EventStream> &stream);

private:
    EventLog::Reader readerOf(size_t index);
    QCoro::Task<> read();
    void begin(size_t index, const EventLog::Start &start);
    void tell(size_t index, const Event &event);
    QByteArray id() const;
    void end();

    EventLog &m_events;
    const Topics m_topics;
    std::vector<Position> m_positions; // one a topic
    std::vector<Fanout::Membership> m_memberships;
    http::EventStream *m_stream = nullptr; // null once it is gone
    std::stop_source m_stop;
};

} // namespace godwit::log
