// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <memory>
#include <mutex>
#include <vector>

namespace godwit::runtime {
class Reactor;
}

namespace godwit::http {

class Listener;

/// Spreads the connections of one listening socket evenly over the reactors that poll it. The kernel does so for a
/// SO_REUSEPORT group; of those that poll one socket it wakes the same again and again as long as that one is idle, and
/// the connections of a quiet hour would all be on one reactor. Any thread; a short lock a connection.
class AcceptShare : public std::enable_shared_from_this<AcceptShare>
{
public:
    /// On the listener's reactor, which has its part from now on; in a thread that is no reactor: nothing.
    void join(Listener &listener);
    /// The same thread; before the listener dies.
    void leave(Listener &listener);

    /// Takes a connection that @p by has accepted, on its reactor; given to the one whose turn it is.
    void place(qintptr descriptor, Listener &by);

private:
    struct Member
    {
        Listener *listener = nullptr;
        runtime::Reactor *reactor = nullptr;
    };
    bool isMember(const Listener &listener);

    std::mutex m_mutex;
    std::vector<Member> m_members;
    size_t m_next = 0;
};

} // namespace godwit::http
