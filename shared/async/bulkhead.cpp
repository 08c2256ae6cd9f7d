// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/bulkhead.h"

#include <QScopeGuard>

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

using namespace Qt::StringLiterals;

namespace godwit::async {

struct Bulkhead::State
{
    Options options;
    std::mutex mutex; // guards all below; no waiter is finished or destroyed under it
    std::deque<std::shared_ptr<Waiter>> waiting; // shared with whoever is making or ending it
    int running = 0;
    qint64 admitted = 0, refused = 0;
};

/// Ends once: with a place, or by its token.
class Bulkhead::Waiter
{
public:
    Waiter(const Context &context, OneShot<Permit>::Finisher finisher, const QString &name)
        : m_context(context),
          m_finisher(std::move(finisher)),
          m_wait(context.trace, "bulkhead wait")
    {
        if (m_wait)
            m_wait.set("name", name.toUtf8());
    }

    /// When it is in the queue, and not under its lock: the token may fire within.
    void heedToken(const std::shared_ptr<State> &state) { m_stopped.emplace(m_context.stop, Leave{ *this, state }); }

    /// True for one caller only, who then has to finish it.
    bool claim() { return !m_claimed.test_and_set(std::memory_order_acq_rel); }
    bool isStopped() const { return m_context.isStopped(); }
    void admit(Permit permit)
    {
        m_wait.end();
        m_finisher.set(std::move(permit));
    }
    void stop() { m_finisher.fail(m_context.stopError()); }
    void cancel() { m_finisher.fail(Error::cancelled()); }

private:
    struct Leave
    {
        Waiter &waiter;
        std::weak_ptr<State> state;

        void operator()() const
        {
            if (!waiter.claim())
                return;
            waiter.stop();
            std::shared_ptr<Waiter> self; // dies last, with this callback in it, which the standard allows
            if (const std::shared_ptr<State> queue = state.lock()) {
                const std::lock_guard lock(queue->mutex);
                const auto place = std::ranges::find(queue->waiting, &waiter, &std::shared_ptr<Waiter>::get);
                if (place != queue->waiting.end()) {
                    self = std::move(*place);
                    queue->waiting.erase(place);
                }
            }
        }
    };

    const Context m_context;
    std::atomic_flag m_claimed;
    OneShot<Permit>::Finisher m_finisher;
    Span m_wait;
    std::optional<std::stop_callback<Leave>> m_stopped; // last: its callback uses all of the above
};

Bulkhead::Bulkhead(Options options) : m_state(std::make_shared<State>())
{
    m_state->options = std::move(options);
}

Bulkhead::~Bulkhead()
{
    std::deque<std::shared_ptr<Waiter>> waiting;
    {
        const std::lock_guard lock(m_state->mutex);
        waiting.swap(m_state->waiting);
    }
    for (const std::shared_ptr<Waiter> &waiter : waiting) {
        if (waiter->claim())
            waiter->cancel();
    }
}

OneShot<Bulkhead::Permit> Bulkhead::acquire(const Context &context)
{
    auto [finisher, result] = oneShot<Permit>();
    if (context.isStopped()) {
        finisher.fail(context.stopError());
        return std::move(result);
    }
    const Options &options = m_state->options;
    std::unique_lock lock(m_state->mutex);
    if (m_state->running < std::max(1, options.concurrency)) {
        ++m_state->running;
        ++m_state->admitted;
        lock.unlock();
        finisher.set(Permit(m_state));
    } else if (int(m_state->waiting.size()) < options.queue) {
        const auto waiter = std::make_shared<Waiter>(context, std::move(finisher), options.name);
        m_state->waiting.push_back(waiter);
        lock.unlock();
        waiter->heedToken(m_state);
    } else {
        ++m_state->refused;
        const auto used = double(m_state->running) + double(m_state->waiting.size());
        lock.unlock();
        finisher.fail(Error(Error::Code::Unavailable, u"too much of this is being done: %1"_s.arg(options.name))
                          .withDecider({ .kind = Decider::Kind::Bulkhead,
                                         .name = options.name,
                                         .limit = double(options.concurrency) + double(options.queue),
                                         .used = used }));
    }
    return std::move(result);
}

/// A place whose waiter is gone comes back here from within: those are handed on one after the other, not one inside
/// of the other, however many there are.
void Bulkhead::release(std::shared_ptr<State> state)
{
    static thread_local std::vector<std::shared_ptr<State>> *pending = nullptr;
    if (pending) {
        pending->push_back(std::move(state));
        return;
    }
    std::vector<std::shared_ptr<State>> released;
    pending = &released;
    const auto leave = qScopeGuard([] { pending = nullptr; });
    for (handOn(std::move(state)); !released.empty();) {
        std::shared_ptr<State> next = std::move(released.back());
        released.pop_back();
        handOn(std::move(next));
    }
}

/// To the first that still wants it.
void Bulkhead::handOn(std::shared_ptr<State> state)
{
    for (;;) {
        std::shared_ptr<Waiter> next;
        {
            const std::lock_guard lock(state->mutex);
            if (state->waiting.empty()) {
                --state->running;
                return;
            }
            next = std::move(state->waiting.front());
            state->waiting.pop_front();
        }
        if (!next->claim())
            continue; // its token was quicker
        if (next->isStopped()) {
            next->stop();
            continue;
        }
        {
            const std::lock_guard lock(state->mutex);
            ++state->admitted;
        }
        next->admit(Permit(std::move(state)));
        return;
    }
}

Bulkhead::Figures Bulkhead::figures() const
{
    const std::lock_guard lock(m_state->mutex);
    return { .running = m_state->running,
             .waiting = int(m_state->waiting.size()),
             .admitted = m_state->admitted,
             .refused = m_state->refused };
}

const Bulkhead::Options &Bulkhead::options() const
{
    return m_state->options;
}

} // namespace godwit::async
