// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/context.h"

#include <QCoroTask>
#include <QString>

#include <atomic>
#include <functional>
#include <mutex>

namespace godwit::async {

/// What a dependency (the database, the upstreams) is made to suffer on purpose, so that one sees the breaker, the
/// retries and the shedding before it cope. Whoever asks the dependency asks here first:
///
///     if (faults && faults->isOn())
///         co_await faults->suffer(context);
///
/// Any thread. Switched off it is one atomic read.
class Faults
{
    Q_DISABLE_COPY_MOVE(Faults)

public:
    struct Options
    {
        std::chrono::milliseconds latency{ 0 }; ///< added to each call
        double errors = 0; ///< share of the calls that fail, 0 to 1
        double hangs = 0; ///< share of the calls that never end by themselves, 0 to 1; the rest of what does not fail
        std::chrono::milliseconds lasting{ 0 }; ///< from set() on; zero: until it is set anew
        std::function<double()> random{}; ///< in [0, 1); by default the thread's generator

        bool isAny() const { return latency > std::chrono::milliseconds(0) || errors > 0 || hangs > 0; }
    };
    /// What befalls one call.
    struct Fault
    {
        enum class End { None, Error, Hang };
        std::chrono::milliseconds latency{ 0 };
        End end = End::None;
    };

    /// @param name in the errors: what suffers.
    explicit Faults(QString name) : m_name(std::move(name)) { }

    void set(const Options &options, TimePoint now = std::chrono::steady_clock::now());
    bool isOn() const { return m_isOn.load(std::memory_order_relaxed); }
    Fault next(TimePoint now = std::chrono::steady_clock::now());

    /// Waits, throws Error::Unavailable, or hangs until the context is stopped (without a deadline or token: for ever),
    /// as next() has it. The calling thread needs an event loop.
    QCoro::Task<> suffer(Context context);
    /// The same on a thread that may block; also ends, as Cancelled, soon after @p abort has become true.
    void sufferBlocking(const Context &context, const std::atomic<bool> &abort);

    const QString &name() const { return m_name; }
    Options options() const;
    qint64 count() const { return m_count.load(std::memory_order_relaxed); } ///< of the calls that suffered

private:
    Error error() const;

    const QString m_name;
    std::atomic<bool> m_isOn{ false };
    std::atomic<qint64> m_count{ 0 };
    mutable std::mutex m_mutex; // guards all below
    Options m_options;
    TimePoint m_until{};
};

} // namespace godwit::async
