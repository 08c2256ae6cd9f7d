// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/operations/readiness.h"

using namespace Qt::StringLiterals;

namespace godwit::operations {

void Readiness::throwIfCutOff(TimePoint now) const
{
    for (const async::CircuitBreaker *const breaker : m_breakers) {
        const auto figures = breaker->figures(now);
        const bool isOpen = figures.state == async::CircuitBreaker::State::Open;
        if (!isOpen || (!figures.isTripped && figures.retryAfter <= std::chrono::milliseconds(0)))
            continue;
        const QString &name = breaker->options().name;
        const QString why = figures.isTripped ? u"%1 is not asked: an operator has opened its breaker"_s
                                              : u"%1 has failed too often and is not asked for a while"_s;
        throw Error(Error::Code::Unavailable, why.arg(name))
            .withDecider({ .kind = Decider::Kind::CircuitBreaker,
                           .name = name,
                           .limit = double(breaker->options().failures),
                           .used = double(breaker->options().failures),
                           .retryAfter = figures.retryAfter });
    }
}

} // namespace godwit::operations
