// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/pipeline.h"

#include <atomic>

namespace godwit::middleware {

/// Whether the server drains: one flag that the application sets and all reactors read. Lock-free.
class DrainSwitch
{
public:
    /// What becomes of requests that come over connections that are open still, one each at most.
    enum class Late {
        Refused, ///< 503: what comes afterwards finds nobody for a while
        Served, ///< somebody listens on, and who sent it need not notice that it is another process
    };
    void turnOn(Late late = Late::Refused)
    {
        m_state.store(late == Late::Refused ? State::Refuses : State::Serves, std::memory_order_relaxed);
    }
    bool isOn() const { return m_state.load(std::memory_order_relaxed) != State::Off; }
    bool refuses() const { return m_state.load(std::memory_order_relaxed) == State::Refuses; }

private:
    enum class State { Off, Refuses, Serves };
    std::atomic<State> m_state{ State::Off };
};

/// While the server drains: 503 to new requests if they are to be refused, but not to `/health` and below, and
/// `Connection: close` with every answer, also of requests that were in flight.
class Drain final : public http::Middleware
{
public:
    explicit Drain(const DrainSwitch &drainSwitch) : m_switch(drainSwitch) { }
    void before(http::Exchange &exchange) override;
    void after(http::Exchange &exchange, http::Response &response) override;

private:
    const DrainSwitch &m_switch;
};

} // namespace godwit::middleware
