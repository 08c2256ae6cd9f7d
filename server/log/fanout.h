// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/log/store.h"

#include <functional>
#include <memory>

namespace godwit::log {

/// A topic's live events on their way to readers in any number of threads, for readers who each make something else of
/// them. A burst of events is one posted batch to each thread that has readers. Where all get the same bytes,
/// http::EventHub and websocket::BroadcastGroup are cheaper.
///
/// A table behind a short lock; the readers of a thread are touched by that thread alone.
class Fanout
{
    struct State;
    class Branch;

public:
    using Receive = std::function<void(const EventPointer &)>;

    /// Ends with its destructor, in its thread.
    class Membership
    {
    public:
        Membership() = default;
        Membership(Membership &&other) noexcept : m_branch(std::exchange(other.m_branch, {})), m_id(other.m_id) { }
        Membership &operator=(Membership &&other) noexcept
        {
            std::swap(m_branch, other.m_branch);
            std::swap(m_id, other.m_id);
            return *this;
        }
        ~Membership();

    private:
        friend class Fanout;
        Membership(Branch *branch, quint64 id) : m_branch(branch), m_id(id) { }
        Branch *m_branch = nullptr; // lives as long as it has members
        quint64 m_id = 0;
    };

    Fanout();
    Fanout(const Fanout &) = delete;
    Fanout &operator=(const Fanout &) = delete;
    ~Fanout(); ///< members stay, and get nothing more

    /// From now on. In a thread with an event loop; @p receive must not join or leave within.
    [[nodiscard]] Membership join(Receive receive);
    /// Any thread; all members get all events in the same order.
    void publish(const EventPointer &event);

private:
    const std::shared_ptr<State> m_state; // shared with the branches, which may outlive this
};

} // namespace godwit::log
