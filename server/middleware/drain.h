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
    void turnOn() { m_isOn.store(true, std::memory_order_relaxed); }
    bool isOn() const { return m_isOn.load(std::memory_order_relaxed); }

private:
    std::atomic<bool> m_isOn{ false };
};

/// While the server drains: 503 to new requests, but not to `/health` and below, and `Connection: close` with every
/// answer, also of requests that were in flight.
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
