// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/eventstream.h"

namespace godwit::http {

/// One topic of Server-Sent Events and its subscribers on any number of reactors. An event is encoded once and shared;
/// a burst of them is one posted batch to each thread that has subscribers, and there one write a socket.
/// A front before per-thread lists behind a short lock: publish() takes it, deliveries do not.
///
///     router.get("/api/metrics/stream", bind(stream, hub));       // Response stream(EventHub &hub)
///     auto stream = std::make_shared<EventStream>();
///     hub.subscribe(stream);
///     return Response::events(std::move(stream));
///     ...
///     hub.publish(protocol::encodeSse({ .event = "metrics", .data = json }));   // any thread
class EventHub
{
public:
    EventHub();
    ~EventHub(); ///< streams that are subscribed stay open, and get nothing more
    EventHub(const EventHub &) = delete;
    EventHub &operator=(const EventHub &) = delete;

    /// On the reactor of @p stream, which needs an event loop. Lasts until the stream closes. Gets what is published
    /// from now on, and at once its end if the topic has one already.
    void subscribe(const std::shared_ptr<EventStream> &stream);

    /// Sends @p event, as protocol::encodeSse() makes it, to all subscribers. Any thread; events of one thread arrive
    /// in its order.
    void publish(const QByteArray &event);

    /// The topic ends: after what was published, all subscribers get `event: end` with @p data and are closed. Any
    /// thread.
    void finish(const QByteArray &data = {});

    /// Any thread.
    qsizetype subscriberCount() const;

private:
    struct Topic;
    class Local;
    std::shared_ptr<Topic> m_topic; // shared with the streams' farewells, which may outlive the hub
};

} // namespace godwit::http
