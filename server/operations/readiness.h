// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/circuitbreaker.h"

#include <atomic>
#include <vector>

namespace godwit::operations {

/// Whether requests are to be sent here: where the daemon is between its start and its end, set by the main thread, and
/// what it cannot do without. Read by all, without a lock of its own.
class Readiness
{
public:
    enum class State { Starting, Ready, Draining };

    State state() const { return m_state.load(std::memory_order_relaxed); }
    /// Not ready either while the breaker before a dependency is open. Once it may be tried again we are, for else
    /// nobody would. Before the first request; @p breaker outlives this.
    void dependOn(const async::CircuitBreaker &breaker) { m_breakers.push_back(&breaker); }
    /// Throws Error::Unavailable, with that breaker as decider, if one is.
    void throwIfCutOff(TimePoint now) const;

    void set(State state) { m_state.store(state, std::memory_order_relaxed); }

private:
    std::atomic<State> m_state{ State::Starting };
    std::vector<const async::CircuitBreaker *> m_breakers;
};

} // namespace godwit::operations
