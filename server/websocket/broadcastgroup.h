// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <memory>

namespace godwit::websocket {

class WsConnection;

/// Connections that get the same messages: a room. A message is encoded once; each reactor with members gets one posted
/// batch a loop turn, and each member fetches what it has not had yet when its turn to write comes: one write, of the
/// more messages the more there is to do.
///
/// Shared by all reactors: a table of branches, one a reactor, behind a short lock; the members of a branch, and the
/// log that they fetch from, are touched by its own reactor alone.
class BroadcastGroup
{
public:
    BroadcastGroup();
    ~BroadcastGroup(); ///< no more is delivered; the members stay open
    BroadcastGroup(const BroadcastGroup &) = delete;
    BroadcastGroup &operator=(const BroadcastGroup &) = delete;

    /// @p member gets what is broadcast from now on, until it leaves or closes. On its reactor; once.
    void join(WsConnection &member);
    void leave(WsConnection &member); ///< on its reactor; nothing if it is no member

    /// Sends what frame.h built to all members. Any thread; all members get all calls in the same order.
    void broadcast(const QByteArray &frames);

    int size() const; ///< members; any thread
    /// What the members on this reactor have not been sent yet, or their kernel has not taken. On a reactor.
    qint64 queuedBytesHere() const;

private:
    struct State;
    const std::shared_ptr<State> m_state; // shared by the batches under way and the members' connections
};

} // namespace godwit::websocket
