// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/exports/rowfeed.h"

namespace godwit::exports {

/// To whoever waits for something to take.
void RowFeed::announce(std::unique_lock<std::mutex> lock)
{
    std::optional<async::OneShot<void>::Finisher> waiter = std::move(m_waiter);
    m_waiter.reset();
    lock.unlock();
    if (waiter)
        waiter->set();
}

void RowFeed::push(QByteArray block)
{
    std::unique_lock lock(m_mutex);
    m_taken.wait(lock, [this] { return m_blocks.size() < Blocks || m_isAbandoned; });
    if (m_isAbandoned)
        throw Error::cancelled();
    m_blocks.push_back(std::move(block));
    announce(std::move(lock));
}

void RowFeed::end(QByteArray last)
{
    std::unique_lock lock(m_mutex);
    m_hasEnded = true;
    if (!last.isEmpty())
        m_blocks.push_back(std::move(last));
    announce(std::move(lock));
}

void RowFeed::fail(std::exception_ptr error)
{
    std::unique_lock lock(m_mutex);
    m_hasEnded = true;
    m_error = std::move(error);
    announce(std::move(lock));
}

RowFeed::Taken RowFeed::take(QByteArray &out)
{
    const std::lock_guard lock(m_mutex);
    if (!m_blocks.empty()) {
        out += m_blocks.front();
        m_takenBytes += m_blocks.front().size();
        m_blocks.pop_front();
        m_taken.notify_one();
        return Taken::Block;
    }
    if (!m_hasEnded)
        return Taken::Nothing;
    return m_error ? Taken::Failed : Taken::End;
}

async::OneShot<void> RowFeed::arrival()
{
    auto [finisher, result] = async::oneShot<void>();
    std::unique_lock lock(m_mutex);
    m_waiter.emplace(std::move(finisher));
    if (!m_blocks.empty() || m_hasEnded)
        announce(std::move(lock));
    return std::move(result);
}

std::exception_ptr RowFeed::error() const
{
    const std::lock_guard lock(m_mutex);
    return m_error;
}

void RowFeed::abandon()
{
    m_stop.request_stop();
    const std::lock_guard lock(m_mutex);
    m_isAbandoned = true;
    m_taken.notify_all();
}

qint64 RowFeed::takenBytes() const
{
    const std::lock_guard lock(m_mutex);
    return m_takenBytes;
}

} // namespace godwit::exports
