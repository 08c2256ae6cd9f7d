// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/outputqueue.h"

#include "server/http/transport.h"

namespace godwit::http {

namespace {

/// What an idle connection's buffer may keep.
constexpr qsizetype KeptCapacity = 16 * 1024;
/// How much of a sent beginning stays in front of a blocked rest.
constexpr qsizetype CompactFrom = 256 * 1024;

} // namespace

void OutputQueue::clear()
{
    if (m_buffer.capacity() > KeptCapacity)
        m_buffer = QByteArray();
    else
        m_buffer.resize(0);
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
