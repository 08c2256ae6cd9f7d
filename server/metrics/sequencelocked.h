// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <cstring>
#include <type_traits>

namespace godwit::metrics {

/// A value that one thread writes and any reads, without a lock: a reader that meets a write knows it. All of it is
/// atomic, so that no read is a data race. Source: H.-J. Boehm, "Can seqlocks get along with programming language
/// memory models?", MSPC 2012.
template<class T>
class SequenceLocked
{
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(quint64) == 0);
    static constexpr size_t words = sizeof(T) / sizeof(quint64);

public:
    /// Its one writer. Only the first @p used bytes need be good.
    void write(const T &value, size_t used = sizeof(T))
    {
        std::array<quint64, words> from;
        std::memcpy(from.data(), &value, sizeof(T));
        const quint32 sequence = m_sequence.load(std::memory_order_relaxed);
        m_sequence.store(sequence + 1, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_release);
        const size_t count = (used + sizeof(quint64) - 1) / sizeof(quint64);
        for (size_t i = 0; i < count; ++i)
            m_words[i].store(from[i], std::memory_order_relaxed);
        m_sequence.store(sequence + 2, std::memory_order_release);
    }

    /// False where nothing has been written yet, or is being written all the time.
    bool read(T &value) const
    {
        for (int attempt = 0; attempt < 100; ++attempt) {
            const quint32 before = m_sequence.load(std::memory_order_acquire);
            if (before == 0)
                return false;
            std::array<quint64, words> to;
            for (size_t i = 0; i < words; ++i)
                to[i] = m_words[i].load(std::memory_order_relaxed);
            std::atomic_thread_fence(std::memory_order_acquire);
            if (before % 2 == 0 && m_sequence.load(std::memory_order_relaxed) == before) {
                std::memcpy(&value, to.data(), sizeof(T));
                return true;
            }
        }
        return false;
    }

private:
    std::atomic<quint32> m_sequence{ 0 };
    std::array<std::atomic<quint64>, words> m_words{};
};

} // namespace godwit::metrics
