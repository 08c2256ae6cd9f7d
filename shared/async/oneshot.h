// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/currentrequest.h"
#include "shared/async/mailbox.h"
#include "shared/core/error.h"

#include <QFuture>
#include <QPromise>

#include <atomic>
#include <exception>
#include <optional>
#include <variant>

namespace godwit::async {

/// One result that goes from one of our pools to one coroutine: the cheap way (0.4 us a pending wait, where QCoro's
/// QFuture awaiter takes 3.2). One heap block for both ends.
///
///     auto [finisher, result] = oneShot<int>();
///     pool.run([finisher = std::move(finisher)]() mutable { finisher.set(42); });
///     const int answer = co_await std::move(result);
///
/// The coroutine resumes in the thread that awaited; that thread needs an event loop. A Finisher that dies unfinished
/// makes the waiter throw Error::Cancelled, so no frame is left hanging. A OneShot that nobody awaits drops the result.
template<class T>
class OneShot
{
    using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

    struct State
    {
        std::atomic<void *> waiter{ nullptr };
        std::shared_ptr<Mailbox> mailbox; // of the waiter's thread, which may end before the finisher
        std::optional<Value> value;
        std::exception_ptr error;
        QByteArray requestId; // of the waiter's work
        std::optional<QPromise<T>> promise; // set if the waiter is a QFuture and not a coroutine

        static void *finished()
        {
            static char mark;
            return &mark;
        }
        static void *future()
        {
            static char mark;
            return &mark;
        }

        void finish()
        {
            void *const who = waiter.exchange(finished(), std::memory_order_acq_rel);
            if (!who)
                return;
            if (who == future())
                fulfil();
            else
                mailbox->post(std::coroutine_handle<>::from_address(who), std::move(requestId));
        }

        void fulfil()
        {
            if (error)
                promise->setException(error);
            else if constexpr (!std::is_void_v<T>)
                promise->addResult(std::move(*value));
            promise->finish();
        }
    };

public:
    /// The end that produces. Any thread; finishes once.
    class Finisher
    {
    public:
        Finisher() = default;
        explicit Finisher(std::shared_ptr<State> state) : m_state(std::move(state)) { }
        Finisher(Finisher &&) noexcept = default;
        Finisher &operator=(Finisher &&other) noexcept
        {
            abandon();
            m_state = std::move(other.m_state);
            return *this;
        }
        ~Finisher() { abandon(); }

        template<class... Arguments>
        void set(Arguments &&...arguments)
        {
            m_state->value.emplace(std::forward<Arguments>(arguments)...);
            std::exchange(m_state, nullptr)->finish();
        }
        void fail(std::exception_ptr error)
        {
            m_state->error = std::move(error);
            std::exchange(m_state, nullptr)->finish();
        }
        void fail(const Error &error) { fail(std::make_exception_ptr(error)); }

        /// Sets what @p work returns, or fails with what it throws.
        template<class Work>
        void setFrom(Work &&work)
        {
            try {
                if constexpr (std::is_void_v<T>) {
                    std::forward<Work>(work)();
                    set();
                } else {
                    set(std::forward<Work>(work)());
                }
            } catch (...) {
                if (m_state)
                    fail(std::current_exception());
            }
        }

    private:
        void abandon()
        {
            if (m_state)
                fail(Error::cancelled());
        }

        std::shared_ptr<State> m_state;
    };

    explicit OneShot(std::shared_ptr<State> state) : m_state(std::move(state)) { }

    static std::pair<Finisher, OneShot> make()
    {
        auto state = std::make_shared<State>(); // shared by the two ends
        return { Finisher(state), OneShot(state) };
    }

    bool await_ready() const { return isFinished(); }
    bool await_suspend(std::coroutine_handle<> coroutine)
    {
        m_state->mailbox = Mailbox::ofThisThread();
        m_state->requestId = CurrentRequest::id();
        m_state->mailbox->expect();
        void *nobody = nullptr;
        if (m_state->waiter.compare_exchange_strong(nobody, coroutine.address(), std::memory_order_acq_rel))
            return true;
        m_state->mailbox->stopExpecting();
        return false;
    }
    T await_resume()
    {
        if (m_state->error)
            std::rethrow_exception(m_state->error);
        if constexpr (!std::is_void_v<T>)
            return std::move(*m_state->value);
    }

    bool isFinished() const { return m_state->waiter.load(std::memory_order_acquire) == State::finished(); }

    /// The same result at Qt's border: for `.then()`, watchers, and services' public face. Needs a copyable T in
    /// Qt 6.4.
    QFuture<T> future() &&
    {
        m_state->promise.emplace();
        m_state->promise->start();
        QFuture<T> result = m_state->promise->future();
        void *nobody = nullptr;
        if (!m_state->waiter.compare_exchange_strong(nobody, State::future(), std::memory_order_acq_rel))
            m_state->fulfil();
        return result;
    }

private:
    std::shared_ptr<State> m_state;
};

template<class T>
auto oneShot()
{
    return OneShot<T>::make();
}

} // namespace godwit::async
