// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>

namespace godwit::operations {

/// Where the daemon is between its start and its end. Set by the main thread, read by all: one atomic.
class Readiness
{
public:
    enum class State { Starting, Ready, Draining };

    State state() const { return m_state.load(std::memory_order_relaxed); }
    void set(State state) { m_state.store(state, std::memory_order_relaxed); }

private:
    std::atomic<State> m_state{ State::Starting };
};

} // namespace godwit::operations
