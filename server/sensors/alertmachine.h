// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/sensors/alertrule.h"

namespace godwit::sensors {

/// What a rule is looked at with.
struct Observation
{
    /// The newest value; none if there is none, or if it is too old to say anything of the present.
    std::optional<double> value{};
    std::chrono::milliseconds silence{ 0 }; ///< how long nothing has come
};

/// Where a rule stands: ok, pending (it is so, but not for long enough), firing, resolved (it was firing) and pending
/// again. Time is given, and is monotonic: a clock that jumps raises no alert. A value that is too old neither begins
/// an alert nor ends one.
class AlertMachine
{
public:
    enum class State { Ok, Pending, Firing, Resolved };

    explicit AlertMachine(AlertRule rule, State state = State::Ok) : m_rule(std::move(rule)), m_state(state) { }

    /// @return where it stands then.
    State step(const Observation &observation, TimePoint now);
    State state() const { return m_state; }
    const AlertRule &rule() const { return m_rule; }

private:
    bool isMet(const Observation &observation) const;
    bool isOver(const Observation &observation) const;

    AlertRule m_rule;
    State m_state;
    State m_calm = State::Ok; ///< where a pending one goes back to
    TimePoint m_since{}; ///< of pending
};

QString toString(AlertMachine::State state); ///< `ok`, `pending`, `firing`, `resolved`

} // namespace godwit::sensors
