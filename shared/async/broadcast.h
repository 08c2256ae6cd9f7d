// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/context.h"
#include "shared/async/oneshot.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

namespace godwit::async {

/// A bounded channel from many to many: every receiver sees every value that is sent from its subscription on, in one
/// order for all. Nobody is waited for: a receiver that falls behind by more than the capacity is told how many values
/// it missed, never silently, and goes on with the oldest that is kept. As tokio's `broadcast`.
///
///     Broadcast<QByteArray> channel(64);
///     auto receiver = channel.subscribe();
///     for (;;) {
///         auto item = co_await receiver.receive(context);
///         if (std::holds_alternative<Closed>(item))
///             break;
///         ...
///     }
///
/// Any thread, behind one short lock under which no value is destroyed. @p T is copied for each receiver: implicitly
/// shared, or a std::shared_ptr.
template<class T>
class Broadcast
{
    Q_DISABLE_COPY_MOVE(Broadcast)
    struct State;
    struct Cursor;
    class Waiter;

public:
    /// So many values were sent and are no longer kept.
    struct Lagged
    {
        quint64 missed = 0;
    };
    /// All that was kept has been received, and nothing more will come.
    struct Closed
    {
    };
    using Item = std::variant<T, Lagged, Closed>;

    class Receive;
    /// Used by one at a time; not bound to a thread. May outlive the channel, which is then closed.
    class Receiver
    {
    public:
        Receiver(Receiver &&) noexcept = default;
        Receiver &operator=(Receiver &&other) noexcept
        {
            std::swap(m_cursor, other.m_cursor);
            return *this;
        }
        ~Receiver(); ///< a receive() under way ends with Error::Cancelled

        /// The next item, to be awaited once. Throws @p context's stopError() as soon as its token fires, and then the
        /// receiver can go on where it was.
        Receive receive(Context context) { return Receive(m_cursor, std::move(context)); }
        /// What receive() would return at once.
        std::optional<Item> tryReceive() { return m_cursor->next(); }

    private:
        friend class Broadcast;
        explicit Receiver(std::shared_ptr<Cursor> cursor) : m_cursor(std::move(cursor)) { }
        std::shared_ptr<Cursor> m_cursor; // shared with a receive() under way
    };

    /// @param capacity values that are kept; at least 1.
    explicit Broadcast(qsizetype capacity) : m_state(std::make_shared<State>())
    {
        m_state->capacity = size_t(std::max<qsizetype>(1, capacity));
    }
    ~Broadcast() { close(); }

    /// Sees what is sent after this.
    Receiver subscribe();

    /// @return to how many receivers; with none, and after close(), the value is dropped.
    qsizetype send(T value);

    /// Receivers get what is kept, and then Closed.
    void close();

    struct Figures
    {
        qsizetype receivers = 0, kept = 0, waiting = 0; ///< now
        quint64 sent = 0, missed = 0; ///< since the start; missed is the sum over the receivers
    };
    Figures figures() const;

private:
    using Waiters = std::vector<std::shared_ptr<Waiter>>; // shared with whoever is making or ending it

    const std::shared_ptr<State> m_state; // shared with the receivers
};

template<class T>
struct Broadcast<T>::State
{
    std::mutex mutex; // guards all below
    size_t capacity = 1;
    std::deque<T> kept;
    quint64 sent = 0; ///< the next value's number; the oldest kept is `sent - kept.size()`
    quint64 missed = 0;
    qsizetype receivers = 0;
    bool isClosed = false;
    Waiters waiting;
};

/// How far a receiver has come.
template<class T>
struct Broadcast<T>::Cursor
{
    std::shared_ptr<State> state; // shared by the channel and its receivers
    quint64 position = 0; ///< under the state's lock

    bool hasNext() const { return position < state->sent || state->isClosed; }

    std::optional<Item> next()
    {
        const std::lock_guard lock(state->mutex);
        const quint64 oldest = state->sent - state->kept.size();
        if (position < oldest) {
            const quint64 missed = oldest - std::exchange(position, oldest);
            state->missed += missed;
            return Item(Lagged{ missed });
        }
        if (position < state->sent)
            return Item(std::in_place_index<0>, state->kept[size_t(position++ - oldest)]);
        if (state->isClosed)
            return Item(Closed{});
        return {};
    }
};

/// Ends once: by a value or the channel's end, by its token, or with its receiver.
template<class T>
class Broadcast<T>::Waiter
{
public:
    Waiter(Context context, OneShot<void>::Finisher finisher, std::shared_ptr<Cursor> cursor)
        : m_context(std::move(context)),
          m_finisher(std::move(finisher)),
          m_cursor(std::move(cursor))
    {
    }

    /// When it is in the queue, and not under its lock: the token may fire within.
    void heedToken()
    {
        if (m_context.stop.stop_possible())
            m_stopped.emplace(m_context.stop, Leave{ *this });
    }

    void wake()
    {
        if (claim())
            m_finisher.set();
    }
    void cancel()
    {
        if (claim())
            m_finisher.fail(Error::cancelled());
    }

    bool isOf(const Cursor &cursor) const { return m_cursor.get() == &cursor; }

    /// Out of the queue, if it is there.
    static std::shared_ptr<Waiter> take(State &state, const auto &isTheOne)
    {
        const std::lock_guard lock(state.mutex);
        const auto place = std::ranges::find_if(state.waiting, isTheOne);
        if (place == state.waiting.end())
            return {};
        std::shared_ptr<Waiter> taken = std::move(*place);
        state.waiting.erase(place);
        return taken;
    }

private:
    struct Leave
    {
        Waiter &waiter;

        void operator()() const
        {
            if (!waiter.claim())
                return;
            std::shared_ptr<Waiter> self; // dies last, with this callback in it, which the standard allows
            const std::shared_ptr<Cursor> cursor = waiter.m_cursor;
            waiter.m_finisher.fail(waiter.m_context.stopError());
            self = take(*cursor->state, [this](const auto &one) { return one.get() == &waiter; });
        }
    };

    bool claim() { return !m_claimed.test_and_set(std::memory_order_acq_rel); }

    const Context m_context;
    std::atomic_flag m_claimed;
    OneShot<void>::Finisher m_finisher;
    const std::shared_ptr<Cursor> m_cursor;
    std::optional<std::stop_callback<Leave>> m_stopped; // last: its callback uses all of the above
};

/// See Receiver::receive().
template<class T>
class [[nodiscard]] Broadcast<T>::Receive
{
public:
    bool await_ready()
    {
        if (!m_context.isStopped())
            m_item = m_cursor->next();
        return m_item || m_context.isStopped();
    }
    bool await_suspend(std::coroutine_handle<> coroutine)
    {
        auto [finisher, woken] = oneShot<void>();
        const auto waiter = std::make_shared<Waiter>(m_context, std::move(finisher), m_cursor);
        {
            const std::lock_guard lock(m_cursor->state->mutex);
            if (m_cursor->hasNext())
                return false;
            m_cursor->state->waiting.push_back(waiter);
        }
        waiter->heedToken();
        m_woken.emplace(std::move(woken));
        return m_woken->await_suspend(coroutine);
    }
    Item await_resume()
    {
        if (m_item)
            return *std::move(m_item);
        if (m_woken)
            m_woken->await_resume();
        else
            m_context.throwIfStopped();
        m_item = m_cursor->next();
        return m_item ? *std::move(m_item) : Item(Lagged{}); // two waited at the same receiver
    }

private:
    friend class Receiver;
    Receive(std::shared_ptr<Cursor> cursor, Context context)
        : m_cursor(std::move(cursor)),
          m_context(std::move(context))
    {
    }

    std::shared_ptr<Cursor> m_cursor;
    Context m_context;
    std::optional<Item> m_item;
    std::optional<OneShot<void>> m_woken;
};

template<class T>
Broadcast<T>::Receiver::~Receiver()
{
    if (!m_cursor)
        return;
    const Cursor &cursor = *m_cursor;
    if (const auto waiter = Waiter::take(*cursor.state, [&](const auto &one) { return one->isOf(cursor); }))
        waiter->cancel();
    std::deque<T> dropped;
    const std::lock_guard lock(cursor.state->mutex);
    if (--cursor.state->receivers == 0)
        dropped.swap(cursor.state->kept); // nobody can see them any more
}

template<class T>
auto Broadcast<T>::subscribe() -> Receiver
{
    const std::lock_guard lock(m_state->mutex);
    ++m_state->receivers;
    return Receiver(std::make_shared<Cursor>(Cursor{ .state = m_state, .position = m_state->sent }));
}

template<class T>
qsizetype Broadcast<T>::send(T value)
{
    std::optional<T> dropped;
    Waiters woken;
    qsizetype receivers = 0;
    {
        const std::lock_guard lock(m_state->mutex);
        if (m_state->isClosed || m_state->receivers == 0)
            return 0;
        if (m_state->kept.size() == m_state->capacity) {
            dropped = std::move(m_state->kept.front());
            m_state->kept.pop_front();
        }
        m_state->kept.push_back(std::move(value));
        ++m_state->sent;
        woken.swap(m_state->waiting);
        receivers = m_state->receivers;
    }
    for (const std::shared_ptr<Waiter> &waiter : woken)
        waiter->wake();
    return receivers;
}

template<class T>
void Broadcast<T>::close()
{
    Waiters woken;
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->isClosed = true;
        woken.swap(m_state->waiting);
    }
    for (const std::shared_ptr<Waiter> &waiter : woken)
        waiter->wake();
}

template<class T>
auto Broadcast<T>::figures() const -> Figures
{
    const std::lock_guard lock(m_state->mutex);
    return { .receivers = m_state->receivers,
             .kept = qsizetype(m_state->kept.size()),
             .waiting = qsizetype(m_state->waiting.size()),
             .sent = m_state->sent,
             .missed = m_state->missed };
}

} // namespace godwit::async
