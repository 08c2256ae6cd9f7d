// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <utility>

namespace godwit::websocket {

/// Frames that not all of their readers have taken yet. A message is appended once, however many there are; each takes
/// what is new to it when its turn comes, and those who are at the same place share the bytes. Of one thread.
class FrameLog
{
public:
    /// A new reader's position: it gets what is appended from now on.
    qint64 addReader()
    {
        ++m_readers;
        return m_end;
    }
    void removeReader(qint64 position)
    {
        --m_readers;
        if (position < m_end)
            oneLessBehind();
    }

    void append(const QByteArray &frames)
    {
        if (m_readers == 0 || frames.isEmpty())
            return;
        m_frames.append(frames); // shares the bytes while they are the only ones
        m_end += frames.size();
        m_behind = m_readers;
        m_tail = QByteArray();
    }

    /// All that a reader at @p position has not taken yet; it has then.
    QByteArray take(qint64 &position)
    {
        const qint64 from = std::exchange(position, m_end);
        if (from == m_end)
            return {};
        QByteArray frames = tail(from);
        oneLessBehind();
        return frames;
    }

    qint64 end() const { return m_end; } ///< in bytes since ever
    qsizetype size() const { return m_frames.size(); } ///< of what somebody has not taken

private:
    const QByteArray &tail(qint64 from)
    {
        const qsizetype at = m_frames.size() - qsizetype(m_end - from);
        if (at == 0)
            return m_frames;
        if (m_tail.isNull() || m_tailBegin != from) {
            m_tail = m_frames.sliced(at);
            m_tailBegin = from;
        }
        return m_tail;
    }
    void oneLessBehind()
    {
        if (--m_behind == 0)
            m_frames = m_tail = QByteArray();
    }

    QByteArray m_frames, m_tail; // the tail as the last reader took it
    qint64 m_end = 0, m_tailBegin = 0;
    qsizetype m_readers = 0;
    qsizetype m_behind = 0; // readers that have not taken all
};

} // namespace godwit::websocket
