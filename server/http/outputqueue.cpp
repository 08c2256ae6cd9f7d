// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/outputqueue.h"

#include "server/http/transport.h"

namespace godwit::http {

namespace {

/// What the thread's buffer may grow to.
constexpr qsizetype KeptOutputCapacity = 256 * 1024;
/// How much of a sent beginning stays in front of a blocked rest.
constexpr qsizetype CompactFrom = 256 * 1024;

/// The buffer of whoever sends next in this thread. Null while somebody has it.
QByteArray &spareBuffer()
{
    static thread_local QByteArray buffer;
    return buffer;
}

} // namespace

void OutputQueue::borrowBuffer()
{
    m_buffer.swap(spareBuffer());
}

void OutputQueue::giveBufferBack()
{
    QByteArray &spare = spareBuffer();
    const qsizetype capacity = m_buffer.capacity();
    if (capacity > spare.capacity() && capacity <= KeptOutputCapacity && m_buffer.isDetached()) {
        m_buffer.resize(0);
        spare.swap(m_buffer);
    }
    m_buffer = QByteArray();
}

QByteArray &OutputQueue::bufferFor(qsizetype size)
{
    QByteArray &out = buffer();
    if (const qsizetype wanted = out.size() + size; wanted > out.capacity())
        out.reserve(wanted);
    return out;
}

void OutputQueue::append(const QByteArray &bytes)
{
    m_buffer.append(bytes); // to which a null QByteArray shares
}

void OutputQueue::clear()
{
    giveBufferBack();
    m_content = QByteArray();
    m_sent = m_contentSent = 0;
}

OutputQueue::Flushed OutputQueue::flush(Transport &transport, const QByteArray &bytes, qsizetype &sent, qint64 &written)
{
    while (sent < bytes.size()) {
        const qint64 taken = transport.write(bytes.constData() + sent, bytes.size() - sent);
        if (taken == Transport::WouldBlock)
            return Flushed::Blocked;
        if (taken < 0)
            return Flushed::Failed;
        sent += taken;
        written += taken;
    }
    return Flushed::All;
}

OutputQueue::Flushed OutputQueue::flushTo(Transport &transport, qint64 &written)
{
    Flushed result = flush(transport, m_buffer, m_sent, written);
    if (result == Flushed::All && hasContent())
        result = flush(transport, m_content, m_contentSent, written);
    if (result == Flushed::All) {
        clear();
    } else if (m_sent > CompactFrom) {
        m_buffer.remove(0, m_sent);
        m_sent = 0;
    }
    return result;
}

} // namespace godwit::http
