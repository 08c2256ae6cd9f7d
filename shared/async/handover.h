// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QEvent>
#include <QObject>

#include <mutex>
#include <vector>

namespace godwit::async {

/// Values on their way to one thread, in order. A burst costs one posted event (QEvent::User), whose receiver calls
/// takeEach(). A nested event loop in there goes on with the next value.
template<class T>
class HandOver
{
public:
    /// Until it is opened and after it is closed, what is pushed is dropped. Any thread; waits for a push under way.
    void open(QObject *receiver)
    {
        const std::lock_guard lock(m_mutex);
        m_receiver = receiver;
    }
    void close() { open(nullptr); }

    /// Any thread.
    void push(T value)
    {
        const std::lock_guard lock(m_mutex);
        if (!m_receiver)
            return;
        m_waiting.push_back(std::move(value));
        if (m_waiting.size() == 1)
            wake();
    }

    /// In the receiver's thread: what has been pushed before this call.
    template<class Take>
    void takeEach(Take take)
    {
        if (m_next == m_batch.size()) {
            m_batch.clear();
            m_next = 0;
            const std::lock_guard lock(m_mutex);
            m_batch.swap(m_waiting);
        }
        if (m_batch.size() - m_next > 1) {
            const std::lock_guard lock(m_mutex);
            wake(); // for a nested loop; else it finds nothing to do
        }
        while (m_next < m_batch.size()) {
            T value = std::move(m_batch[m_next++]); // out of the batch, which a nested loop may replace
            take(value);
        }
    }

    /// In the receiver's thread: drops what has not been taken.
    void clear()
    {
        std::vector<T> dropped; // without the lock: what a value holds may push again
        {
            const std::lock_guard lock(m_mutex);
            dropped.swap(m_waiting);
        }
        m_batch.clear();
        m_next = 0;
    }

private:
    void wake()
    {
        if (m_receiver)
            QCoreApplication::postEvent(m_receiver, new QEvent(QEvent::User));
    }

    std::mutex m_mutex; // guards the next two
    QObject *m_receiver = nullptr;
    std::vector<T> m_waiting;

    std::vector<T> m_batch; // of the receiver's thread: being taken, from m_next on
    size_t m_next = 0;
};

} // namespace godwit::async
