// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/inspecttoolkit.h"

using namespace Qt::StringLiterals;

namespace godwit::metrics {

using protocol::RuntimePart;

namespace {

QString toText(async::CircuitBreaker::State state)
{
    switch (state) {
    case async::CircuitBreaker::State::Closed:
        return u"closed"_s;
    case async::CircuitBreaker::State::Open:
        return u"open"_s;
    case async::CircuitBreaker::State::HalfOpen:
        return u"half_open"_s;
    }
    return {};
}

} // namespace

double seconds(std::chrono::nanoseconds span)
{
    return std::chrono::duration<double>(span).count();
}

Inspectable inspectable(async::CircuitBreaker &breaker, const Clock &clock)
{
    const auto inspect = [&breaker, &clock](RuntimePart &part) {
        const auto figures = breaker.figures(clock.now());
        const auto &options = breaker.options();
        part.state = toText(figures.state);
        part.figures = { { u"failures_in_a_row"_s, figures.failuresInARow },
                         { u"failures"_s, figures.failures },
                         { u"refused"_s, figures.refused },
                         { u"opened"_s, figures.opened },
                         { u"retry_after"_s, seconds(figures.retryAfter) } };
        part.limits = { { u"failures"_s, options.failures },
                        { u"failure_rate"_s, options.failureRate },
                        { u"open_for"_s, seconds(options.openFor) },
                        { u"trials"_s, options.trials } };
    };
    return { .kind = u"breaker"_s,
             .name = breaker.options().name,
             .inspect = inspect,
             .actions
             = { { u"trip"_s, [&breaker] { breaker.trip(); } }, { u"reset"_s, [&breaker] { breaker.reset(); } } } };
}

Inspectable inspectable(const async::RateLimiter &limiter)
{
    const auto inspect = [&limiter](RuntimePart &part) {
        const auto figures = limiter.figures();
        const auto &options = limiter.options();
        part.figures = { { u"allowed"_s, figures.allowed },
                         { u"refused"_s, figures.refused },
                         { u"keys"_s, qint64(figures.keys) },
                         { u"evicted"_s, figures.evicted } };
        part.limits = { { u"per_second"_s, options.perSecond },
                        { u"burst"_s, options.burst },
                        { u"keys"_s, qint64(options.keys) } };
    };
    return { .kind = u"limiter"_s, .name = limiter.options().name, .inspect = inspect };
}

Inspectable inspectable(const async::Bulkhead &bulkhead)
{
    const auto inspect = [&bulkhead](RuntimePart &part) {
        const auto figures = bulkhead.figures();
        const auto &options = bulkhead.options();
        part.state = figures.waiting > 0 ? u"full"_s : figures.running > 0 ? u"busy"_s : u"idle"_s;
        part.figures = { { u"running"_s, figures.running },
                         { u"waiting"_s, figures.waiting },
                         { u"admitted"_s, figures.admitted },
                         { u"refused"_s, figures.refused } };
        part.limits = { { u"concurrency"_s, options.concurrency }, { u"queue"_s, options.queue } };
    };
    return { .kind = u"bulkhead"_s, .name = bulkhead.options().name, .inspect = inspect };
}

Inspectable inspectable(const async::Shedder &shedder)
{
    const auto inspect = [&shedder](RuntimePart &part) {
        const auto figures = shedder.figures();
        const auto &options = shedder.options();
        part.state = figures.isShedding ? u"shedding"_s : u"idle"_s;
        part.figures = { { u"shed"_s, figures.shed }, { u"waited"_s, seconds(figures.waited) } };
        part.limits = { { u"target"_s, seconds(options.target) }, { u"interval"_s, seconds(options.interval) } };
    };
    return { .kind = u"shedder"_s, .name = shedder.options().name, .inspect = inspect };
}

Inspectable inspectable(async::Faults &faults)
{
    const auto inspect = [&faults](RuntimePart &part) {
        const auto options = faults.options();
        part.state = faults.isOn() ? u"on"_s : u"off"_s;
        part.figures = { { u"suffered"_s, faults.count() } };
        part.limits = { { u"latency"_s, seconds(options.latency) },
                        { u"errors"_s, options.errors },
                        { u"hangs"_s, options.hangs } };
    };
    return { .kind = u"faults"_s, .name = faults.name(), .inspect = inspect, .actions = { { u"stop"_s, [&faults] {
                                                                                               faults.set({});
                                                                                           } } } };
}

Inspectable inspectable(const async::RetryBudget &budget, const QString &name)
{
    return { .kind = u"retry_budget"_s, .name = name, .inspect = [&budget](RuntimePart &part) {
                const double available = budget.available();
                part.state = available < 1 ? u"spent"_s : u"available"_s;
                part.figures = { { u"available"_s, available } };
            } };
}

Inspectable inspectableCache(const QString &name, std::function<void(RuntimePart &)> figures,
                             std::function<void()> flush)
{
    return {
        .kind = u"cache"_s, .name = name, .inspect = std::move(figures), .actions = { { u"flush"_s, std::move(flush) } }
    };
}

} // namespace godwit::metrics
