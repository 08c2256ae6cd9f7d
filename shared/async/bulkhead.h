// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/context.h"
#include "shared/async/oneshot.h"

#include <QString>

#include <memory>
#include <utility>

namespace godwit::async {

/// Lets so many do a thing at a time, and so many wait for it, in the order in which they came; whoever comes then is
/// refused at once. What is slow or dear so fills its own place only, and not all threads (Nygard, "Release It!").
///
///     const auto permit = co_await bulkhead.acquire(context);
///     co_await hash(password);                // until permit dies
///
/// Any thread, behind one short lock. A waiter whose token fires leaves the queue at once. A deadline is heeded when
/// its turn comes: who cannot wait so long has a token that fires then.
class Bulkhead
{
    Q_DISABLE_COPY_MOVE(Bulkhead)
    struct State;

public:
    struct Options
    {
        QString name{}; ///< in refusals
        int concurrency = 10; ///< at a time; at least 1
        int queue = 100; ///< that wait; 0: nobody does
    };

    /// A place, given to the next when this dies; in any thread, and after the bulkhead too.
    class Permit
    {
    public:
        Permit(Permit &&) noexcept = default;
        Permit &operator=(Permit &&other) noexcept
        {
            std::swap(m_state, other.m_state);
            return *this;
        }
        ~Permit()
        {
            if (m_state)
                release(std::move(m_state));
        }

    private:
        friend class Bulkhead;
        explicit Permit(std::shared_ptr<State> state) : m_state(std::move(state)) { }
        std::shared_ptr<State> m_state; // shared by the bulkhead, its permits and those that wait
    };

    explicit Bulkhead(Options options);
    ~Bulkhead(); ///< who still waits gets Error::Cancelled

    /// Error::Unavailable with a decider if all places and the queue are full; @p context's stopError() if it is
    /// stopped.
    OneShot<Permit> acquire(const Context &context);

    struct Figures
    {
        int running = 0, waiting = 0;
        qint64 admitted = 0, refused = 0; ///< since the start
    };
    Figures figures() const;
    const Options &options() const;

private:
    class Waiter;
    static void release(std::shared_ptr<State> state);
    static void handOn(std::shared_ptr<State> state);

    std::shared_ptr<State> m_state; // see Permit
};

} // namespace godwit::async
