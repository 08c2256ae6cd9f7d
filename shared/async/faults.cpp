// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/faults.h"

#include "shared/async/sleep.h"

#include <QRandomGenerator>

#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::async {

/// How soon a blocked thread sees that it is not wanted any more.
static constexpr auto glance = 10ms;
/// A sleep that ends by its context only.
static constexpr auto forEver = 24h;

void Faults::set(const Options &options, TimePoint now)
{
    const std::lock_guard lock(m_mutex);
    m_options = options;
    m_until = options.lasting > 0ms ? now + options.lasting : TimePoint::max();
    m_isOn = options.isAny();
}

Faults::Options Faults::options() const
{
    const std::lock_guard lock(m_mutex);
    return m_options;
}

Faults::Fault Faults::next(TimePoint now)
{
    const std::lock_guard lock(m_mutex);
    if (!m_isOn || now >= m_until) {
        m_isOn = false;
        return {};
    }
    ++m_count;
    const double chance = m_options.random ? m_options.random() : QRandomGenerator::global()->generateDouble();
    Fault fault{ .latency = m_options.latency };
    if (chance < m_options.errors)
        fault.end = Fault::End::Error;
    else if (chance < m_options.errors + m_options.hangs)
        fault.end = Fault::End::Hang;
    return fault;
}

Error Faults::error() const
{
    return { Error::Code::Unavailable, u"%1 does not answer (a fault that was asked for)"_s.arg(m_name) };
}

QCoro::Task<> Faults::suffer(Context context)
{
    const Fault fault = next();
    const bool hangs = fault.end == Fault::End::Hang;
    if (hangs || fault.latency > 0ms) {
        OneShot<void> wait = sleepFor(context, hangs ? forEver : fault.latency);
        co_await std::move(wait);
    }
    if (fault.end == Fault::End::Error)
        throw error();
}

void Faults::sufferBlocking(const Context &context, const std::atomic<bool> &abort)
{
    const Fault fault = next();
    const TimePoint begun = std::chrono::steady_clock::now();
    const TimePoint until = fault.end == Fault::End::Hang ? TimePoint::max() : begun + fault.latency;
    for (TimePoint now = begun; now < until; now = std::chrono::steady_clock::now()) {
        if (abort)
            throw Error::cancelled();
        context.throwIfStopped();
        std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(glance, until - now));
    }
    if (fault.end == Fault::End::Error)
        throw error();
}

} // namespace godwit::async
