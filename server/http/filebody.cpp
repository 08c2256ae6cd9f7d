// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/filebody.h"

#include "server/runtime/blockingpool.h"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace godwit::http {

namespace {

/// What a thread reads at a time, ahead of what is asked for.
constexpr qint64 FetchedAtOnce = 256 * 1024;

} // namespace

FileBody::FileBody(std::unique_ptr<QFile> file, std::vector<Part> parts, QByteArray after, runtime::BlockingPool *pool)
    : m_file(std::move(file)),
      m_parts(std::move(parts)),
      m_after(std::move(after)),
      m_pool(pool),
      m_size(m_after.size())
{
    for (const Part &part : m_parts)
        m_size += part.before.size() + part.range.size;
}

Body::State FileBody::read(QByteArray &out, qsizetype budget)
{
    const qsizetype before = out.size(), most = before + budget;
    while (m_index < m_parts.size()) {
        const Part &part = m_parts[m_index];
        if (std::exchange(m_isInFront, false))
            out += part.before;
        if (m_done == part.range.size) {
            ++m_index;
            m_done = 0;
            m_isInFront = true;
            continue;
        }
        if (out.size() >= most)
            return State::More;
        const State state = readFile(out, std::min<qint64>(most - out.size(), part.range.size - m_done));
        if (state == State::Failed && out.size() > before)
            return State::More; // what there was; it fails again
        if (state != State::More)
            return state;
    }
    out += m_after;
    return State::End;
}

/// At least a byte of the part in work, if it is More.
Body::State FileBody::readFile(QByteArray &out, qint64 most)
{
    if (m_fetchedAt < m_fetched.size()) {
        takeFetched(out, most);
        return State::More;
    }
    if (m_isFetching || m_hasFailed)
        return m_isFetching ? State::Wait : State::Failed;
    const qsizetype before = out.size();
    out.resize(before + qsizetype(most));
    const iovec into{ .iov_base = out.data() + before, .iov_len = size_t(most) };
    const qint64 at = m_parts[m_index].range.at + m_done;
    // RWF_NOWAIT: nothing but what is in memory. Not every file system knows it.
    const ssize_t got = ::preadv2(m_file->handle(), &into, 1, at, m_pool ? RWF_NOWAIT : 0);
    const int error = errno;
    out.resize(before + qsizetype(std::max<ssize_t>(got, 0)));
    m_done += std::max<ssize_t>(got, 0);
    if (got > 0)
        return State::More;
    if (got == 0 || !m_pool || (error != EAGAIN && error != EOPNOTSUPP && error != ENOSYS))
        return State::Failed;
    fetch();
    return State::Wait;
}

void FileBody::takeFetched(QByteArray &out, qint64 most)
{
    const auto taken = qsizetype(std::min<qint64>(most, m_fetched.size() - m_fetchedAt));
    out.append(m_fetched.constData() + m_fetchedAt, taken);
    m_fetchedAt += taken;
    m_done += taken;
    if (m_fetchedAt == m_fetched.size()) {
        m_fetched = QByteArray();
        m_fetchedAt = 0;
    }
}

void FileBody::fetch()
{
    m_isFetching = true;
    const ByteRange &range = m_parts[m_index].range;
    const auto read = [file = m_file, at = range.at + m_done, size = std::min(FetchedAtOnce, range.size - m_done)] {
        QByteArray piece(qsizetype(size), Qt::Uninitialized);
        const ssize_t got = ::pread(file->handle(), piece.data(), size_t(size), at);
        piece.resize(qsizetype(std::max<ssize_t>(got, 0)));
        return piece;
    };
    waitFor(weak_from_this(), m_pool->run({}, read));
}

QCoro::Task<> FileBody::waitFor(std::weak_ptr<FileBody> self, async::OneShot<QByteArray> reading)
{
    QByteArray piece;
    try {
        piece = co_await std::move(reading);
    } catch (const Error &) {
        piece.clear(); // the pool has no room, or is at its end
    }
    const auto body = self.lock();
    if (!body) // whose client has left
        co_return;
    body->m_isFetching = false;
    body->m_hasFailed = piece.isEmpty();
    body->m_fetched = std::move(piece);
    body->wake();
}

} // namespace godwit::http
