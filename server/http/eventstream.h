// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/body.h"
#include "shared/async/oneshot.h"

#include <chrono>
#include <optional>
#include <vector>

namespace godwit::http {

/// What becomes of a client that reads slower than events come, once its queue is full.
enum class SlowConsumer {
    DropOldestAndTell, ///< what is lost is counted and told: `event: gap` with `{"dropped": N}`
    KeepNewest, ///< only the newest matters (figures): the rest is dropped without a word
    /// Ended behind what waits, without `event: end`, so that the client comes back and recovers by its Last-Event-ID.
    Close,
};

/// The body of a Server-Sent Events answer (WHATWG HTML, 9.2): a bounded queue of encoded events. Pulled by the channel
/// as fast as the client reads. Begins with a `retry:` hint and says a comment every 15 s (one timer a thread). On
/// drain it ends with another `retry:` time and without `event: end`, so that clients come back, each at a time of its
/// own.
///
/// Owned by its connection: producers keep a std::weak_ptr, subscribe it to an EventHub, or listen to onClosed(). All
/// calls on the connection's reactor.
class EventStream final : public Body
{
public:
    struct Options
    {
        qsizetype queueBytes = 256 * 1024; ///< beyond, the policy acts; one event always fits, with Close behind any
        SlowConsumer policy = SlowConsumer::DropOldestAndTell;
        std::chrono::milliseconds retry{ 3'000 }; ///< how long a client waits before it comes back
    };

    EventStream();
    explicit EventStream(Options options);
    ~EventStream() override; ///< the client has left, or all has been sent: calls what onClosed() was given

    /// Queues @p event as protocol::encodeSse() makes it; the bytes are shared, so one event for a thousand streams is
    /// encoded and stored once. Ignored after finish().
    void push(const QByteArray &event);
    /// Lets what is queued be sent, then `event: end` with @p data, then ends.
    void finish(const QByteArray &data = {});
    /// Ends it once what is queued is sent, as a fault does: the client comes back by itself, with its Last-Event-ID.
    void cut();
    bool isFinished() const { return m_isFinished; }

    /// Called when this stream dies, in order of registration. Must not touch the stream.
    void onClosed(std::function<void()> callback) { m_onClosed.push_back(std::move(callback)); }

    /// When at most half of the queue waits: for a producer that would rather wait than lose. One waits at a time.
    /// Fails with Error::Cancelled once the stream has died.
    async::OneShot<void> room();

    qsizetype queuedBytes() const { return m_queuedBytes; }
    /// Events that this client never got.
    qint64 droppedEvents() const { return m_droppedEvents; }

    State read(QByteArray &out, qsizetype budget) override;
    bool isEndless() const override { return true; }
    void drain() override;

    /// Streams that are open in this process. Any thread.
    static qint64 openCount();

private:
    friend class Heartbeat;
    void beat();
    void enqueue(const QByteArray &bytes);
    void makeRoom();
    bool hasRoom() const { return m_queuedBytes <= m_options.queueBytes / 2; }
    bool isEmpty() const { return m_next == m_queue.size(); }

    const Options m_options;
    std::vector<QByteArray> m_queue; // read up to m_next; keeps its capacity
    size_t m_next = 0;
    qsizetype m_queuedBytes = 0;
    qint64 m_droppedEvents = 0, m_untoldDrops = 0;
    bool m_isFinished = false;
    size_t m_beatIndex = 0; // place in the thread's Heartbeat
    std::optional<async::OneShot<void>::Finisher> m_waitsForRoom;
    std::vector<std::function<void()>> m_onClosed;
};

} // namespace godwit::http
