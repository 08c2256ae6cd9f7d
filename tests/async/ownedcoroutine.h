// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <coroutine>
#include <exception>
#include <utility>

namespace godwit::test {

/// A coroutine whose frame dies with this object, whether it has ended or not. For tests of what is never resumed.
class OwnedCoroutine
{
public:
    struct promise_type
    {
        OwnedCoroutine get_return_object()
        {
            return OwnedCoroutine(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() { }
        void unhandled_exception() { std::terminate(); }
    };

    OwnedCoroutine() = default;
    explicit OwnedCoroutine(std::coroutine_handle<promise_type> handle) : m_handle(handle) { }
    OwnedCoroutine(OwnedCoroutine &&other) noexcept : m_handle(std::exchange(other.m_handle, nullptr)) { }
    OwnedCoroutine &operator=(OwnedCoroutine &&other) noexcept
    {
        std::swap(m_handle, other.m_handle);
        return *this;
    }
    ~OwnedCoroutine()
    {
        if (m_handle)
            m_handle.destroy();
    }

    bool hasEnded() const { return m_handle.done(); }

private:
    std::coroutine_handle<promise_type> m_handle;
};

} // namespace godwit::test
