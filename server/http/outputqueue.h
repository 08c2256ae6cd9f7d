// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace godwit::http {

class Transport;

/// What is to be sent: small things gathered in one buffer, then at most one large content, sent from where it is.
class OutputQueue
{
public:
    /// Contents from this size on are worth a system call of their own rather than a copy.
    static constexpr qsizetype LargeContent = 32 * 1024;

    /// To be appended to. Nothing may be appended while a large content waits.
    QByteArray &buffer() { return m_buffer; }
    void append(const char *bytes, qsizetype size) { m_buffer.append(bytes, size); }
    /// Goes after the buffer.
    void setContent(const QByteArray &content) { m_content = content; }
    bool hasContent() const { return !m_content.isEmpty(); }
    bool isEmpty() const { return m_sent == m_buffer.size() && m_content.isEmpty(); }
    qint64 size() const { return m_buffer.size() - m_sent + m_content.size() - m_contentSent; }
    void clear();

    enum class Flushed { All, Blocked, Failed };
    /// Writes as much as @p transport takes; @p written is how much that was.
    Flushed flushTo(Transport &transport, qint64 &written);

private:
    Flushed flush(Transport &transport, const QByteArray &bytes, qsizetype &sent, qint64 &written);

    QByteArray m_buffer, m_content;
    qsizetype m_sent = 0, m_contentSent = 0;
};

} // namespace godwit::http
