// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace godwit::http {

class Transport;

/// What is to be sent: small things gathered in one buffer, then at most one large content, sent from where it is.
/// An empty queue holds no memory: the buffer is the thread's, warm from the connection before, and a queue keeps it
/// only as long as its client lets it wait.
class OutputQueue
{
public:
    /// Contents from this size on are worth a system call of their own rather than a copy.
    static constexpr qsizetype LargeContent = 32 * 1024;

    /// To be appended to. Nothing may be appended while a large content waits.
    QByteArray &buffer()
    {
        if (m_buffer.isNull())
            borrowBuffer();
        return m_buffer;
    }
    /// buffer() with room for @p size more bytes.
    QByteArray &bufferFor(qsizetype size);
    void append(QByteArrayView bytes) { buffer().append(bytes); }
    /// The first to come is not copied but shared: a broadcast is sent to everyone from one place.
    void append(const QByteArray &bytes);
    /// Goes after the buffer.
    void setContent(const QByteArray &content) { m_content = content; }
    bool hasContent() const { return !m_content.isEmpty(); }
    /// Whether a part has been sent and the client did not take the rest yet.
    bool isBlocked() const { return m_sent > 0 || m_contentSent > 0; }
    bool isEmpty() const { return m_sent == m_buffer.size() && m_content.isEmpty(); }
    qint64 size() const { return m_buffer.size() - m_sent + m_content.size() - m_contentSent; }
    void clear();

    enum class Flushed { All, Blocked, Failed };
    /// Writes as much as @p transport takes; @p written is how much that was.
    Flushed flushTo(Transport &transport, qint64 &written);

private:
    void borrowBuffer();
    void giveBufferBack();
    Flushed flush(Transport &transport, const QByteArray &bytes, qsizetype &sent, qint64 &written);

    QByteArray m_buffer, m_content;
    qsizetype m_sent = 0, m_contentSent = 0;
};

} // namespace godwit::http
