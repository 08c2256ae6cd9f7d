// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/openconnection.h"

#include <QBasicTimer>
#include <QObject>

#include <chrono>
#include <deque>
#include <functional>
#include <vector>

namespace godwit::http {

class Exchange;
class HttpChannel;

/// All channels of one thread. Two things are done for them here together that would be dear one by one: whoever has
/// something to send or to go on with is called once at the end of a loop turn, so that its writes become one; and one
/// timer looks after all deadlines.
///
/// A fan-out to thousands is done in slices, between which the loop looks at its sockets: other requests do not wait
/// for all of it, and what is published meanwhile goes along with the same write to whoever has not had their turn yet.
class ChannelRegistry final : public QObject
{
    Q_OBJECT
public:
    static ChannelRegistry &ofThisThread();

    /// What the connections of this thread do at the moment.
    struct Figures
    {
        int idle = 0; ///< between requests, or with a part of one
        int busy = 0; ///< a request is with its handler, or its answer is on the way
        int streaming = 0; ///< of the busy ones: a body that may go on for ever
        int upgraded = 0; ///< WebSockets
        int closing = 0; ///< all is said; waits for the client to read it
        int total() const { return idle + busy + upgraded + closing; }
    };
    Figures figures() const;
    /// At most so many, those first to which most is to be sent, then those at work.
    std::vector<OpenConnection> connections(qsizetype most) const;
    /// Of all connections of this thread: what has not reached the kernel yet.
    qint64 queuedBytes() const;
    /// Cuts the answers without an end, as event streams are, to whom @p isOver says so: their clients come again.
    void endStreams(const std::function<bool(const Exchange &exchange)> &isOver);
    /// Cuts the connection of that id; false if there is none here.
    bool abortConnection(quint64 id);

    bool isDraining() const { return m_isDraining; }
    void beginDrain();
    void endDrain() { m_isDraining = false; } ///< a new server in this thread
    void stopRequests();
    void abortConnections();

    // For HttpChannel.

    /// Deadlines are counted in ticks of the sweep; 0 is never. A deadline is met up to a tick late.
    using Tick = quint32;
    static constexpr std::chrono::milliseconds TickLength{ 100 };
    Tick now() const { return m_now; }
    Tick after(std::chrono::milliseconds span) const;
    void add(HttpChannel *channel);
    void remove(HttpChannel *channel);
    void setDue(qsizetype slot, Tick due) { m_slots[size_t(slot)].due = due; }
    /// HttpChannel::turn() at the end of this turn of the loop, or of one of the next if more than a slice are
    /// scheduled.
    void schedule(HttpChannel *channel);
    /// Some that were scheduled have not had their turn yet.
    bool isBehind() const { return !m_scheduled.empty(); }
    /// The next slice is all of them: more comes in than goes out.
    void hurry() { m_isHurried = true; }
    /// How many bytes may be published to the same receivers before somebody says hurry().
    static constexpr qsizetype MostBehind = 64 * 1024;
    /// How many have their turn before the loop looks at its sockets again: 0.2 ms of writes or so.
    static constexpr size_t SliceLength = 32;

protected:
    bool event(QEvent *event) override;
    void timerEvent(QTimerEvent *event) override;

private:
    ChannelRegistry() = default;
    void postTurn();
    void runTurn();
    Tick tickOf(std::chrono::steady_clock::time_point time) const;
    std::vector<HttpChannel *> channels() const;

    /// Side by side in memory: a sweep over thousands of idle connections touches none of them.
    struct Slot
    {
        Tick due;
        HttpChannel *channel;
    };
    std::vector<Slot> m_slots;
    std::deque<HttpChannel *> m_scheduled;
    QBasicTimer m_sweep;
    std::chrono::steady_clock::time_point m_epoch = std::chrono::steady_clock::now();
    Tick m_now = 1;
    bool m_isPosted = false, m_isRunning = false, m_isHurried = false, m_isDraining = false;
};

} // namespace godwit::http
