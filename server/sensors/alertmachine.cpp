// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/alertmachine.h"

using namespace Qt::StringLiterals;

namespace godwit::sensors {

bool AlertMachine::isMet(const Observation &observation) const
{
    switch (m_rule.condition) {
    case AlertRule::Condition::Above:
        return observation.value && *observation.value > m_rule.threshold;
    case AlertRule::Condition::Below:
        return observation.value && *observation.value < m_rule.threshold;
    case AlertRule::Condition::NoData:
        return observation.silence >= m_rule.holdFor;
    }
    return false;
}

bool AlertMachine::isOver(const Observation &observation) const
{
    switch (m_rule.condition) {
    case AlertRule::Condition::Above:
        return observation.value && *observation.value <= m_rule.threshold - m_rule.hysteresis;
    case AlertRule::Condition::Below:
        return observation.value && *observation.value >= m_rule.threshold + m_rule.hysteresis;
    case AlertRule::Condition::NoData:
        return observation.silence < m_rule.holdFor;
    }
    return false;
}

AlertMachine::State AlertMachine::step(const Observation &observation, TimePoint now)
{
    switch (m_state) {
    case State::Ok:
    case State::Resolved:
        if (!isMet(observation))
            break;
        m_calm = m_state;
        m_since = now;
        m_state = State::Pending;
        [[fallthrough]];
    case State::Pending:
        if (!isMet(observation))
            m_state = m_calm;
        // Silence is its own duration.
        else if (m_rule.condition == AlertRule::Condition::NoData || now - m_since >= m_rule.holdFor)
            m_state = State::Firing;
        break;
    case State::Firing:
        if (isOver(observation))
            m_state = State::Resolved;
        break;
    }
    return m_state;
}

QString toString(AlertMachine::State state)
{
    switch (state) {
    case AlertMachine::State::Ok:
        return u"ok"_s;
    case AlertMachine::State::Pending:
        return u"pending"_s;
    case AlertMachine::State::Firing:
        return u"firing"_s;
    case AlertMachine::State::Resolved:
        return u"resolved"_s;
    }
    return {};
}

} // namespace godwit::sensors
