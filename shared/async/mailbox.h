// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray> // before <coroutine>, else moc 6.4 trips over QCoro's headers behind it

#include <chrono>
#include <coroutine>
#include <memory>

namespace godwit::async {

/// Resumes coroutines in the thread that they belong to. One a thread; a burst of posts costs one posted event.
/// Needs an event loop there. A handle that is posted after its thread has ended is not resumed, and its frame stays
/// with whoever owns it: what a thread's coroutines wait for has to be ended before the thread, or awaited there by
/// runOut().
class Mailbox
{
public:
    virtual ~Mailbox() = default;

    /// In the mailbox's thread, before whoever may post() learns of a coroutine: it waits. Or it does not after all.
    void expect() { ++m_expected; }
    void stopExpecting() { --m_expected; }

    /// Resumes @p coroutine, which is expected, in the mailbox's thread, from its event loop, as work for the request
    /// of that id. Any thread.
    virtual void post(std::coroutine_handle<> coroutine, QByteArray requestId) = 0;
    void post(std::coroutine_handle<> coroutine) { post(coroutine, {}); }

    /// The calling thread's. Shared by the thread and by all who may still post to it.
    static std::shared_ptr<Mailbox> ofThisThread();

    /// Processes the calling thread's events until nothing is expected any more, or @p longest is over. For a thread
    /// that is about to end, after its loop.
    static void runOut(std::chrono::milliseconds longest);

protected:
    int m_expected = 0; // of the mailbox's thread
};

} // namespace godwit::async
