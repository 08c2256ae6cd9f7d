// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>

namespace godwit::http {

/// Follows the frames that a WebSocket client sends and finds the first that is not masked: RFC 6455, 5.1 asks to close
/// the connection then, and QWebSocket does not.
class FrameGuard
{
public:
    /// Takes the next bytes of the stream, in pieces of any size. False from the first unmasked frame on.
    bool accepts(QByteArrayView bytes)
    {
        qsizetype at = 0;
        while (at < bytes.size() && m_isMasked) {
            if (m_toSkip > 0) {
                const auto skipped = qsizetype(std::min<quint64>(m_toSkip, quint64(bytes.size() - at)));
                m_toSkip -= quint64(skipped);
                at += skipped;
            } else {
                takeHeaderByte(static_cast<unsigned char>(bytes[at++]));
            }
        }
        return m_isMasked;
    }

private:
    void takeHeaderByte(quint8 byte)
    {
        if (m_headerAt == 1) {
            m_isMasked = byte & 0x80;
            const int size = byte & 0x7f;
            m_lengthBytes = size == 126 ? 2 : size == 127 ? 8 : 0;
            m_length = m_lengthBytes ? 0 : quint64(size);
        } else if (m_headerAt > 1) {
            m_length = m_length << 8 | byte;
        }
        if (m_headerAt++ == 1 + m_lengthBytes) {
            m_toSkip = m_length + MaskBytes;
            m_headerAt = 0;
            m_lengthBytes = NotYet;
        }
    }

    static constexpr int MaskBytes = 4;
    static constexpr int NotYet = 16;
    quint64 m_toSkip = 0, m_length = 0;
    int m_headerAt = 0, m_lengthBytes = NotYet;
    bool m_isMasked = true;
};

} // namespace godwit::http
