// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>

#include <charconv>
#include <cstring>

namespace godwit::http {

/// Writes into room that was made for it: no check and no growth a piece, which is most of what rows of text cost
/// otherwise. Whoever holds it has made the room.
///
///     const qsizetype begin = out.size();
///     out.resize(begin + budget);
///     Pen pen(out.data() + begin);
///     while (hasRows() && pen.at() + LongestRow <= out.constEnd())
///         pen << id << ",row " << id << "\n";
///     out.truncate(pen.at() - out.constData());
class Pen
{
public:
    explicit Pen(char *to) : m_to(to) { }

    /// A literal, whose size the compiler knows: a move or two in place of a call.
    template<size_t N>
    Pen &operator<<(const char (&literal)[N])
    {
        memcpy(m_to, literal, N - 1);
        m_to += N - 1;
        return *this;
    }
    Pen &operator<<(QByteArrayView text)
    {
        memcpy(m_to, text.data(), size_t(text.size()));
        m_to += text.size();
        return *this;
    }
    Pen &operator<<(qint64 number)
    {
        m_to = std::to_chars(m_to, m_to + LongestNumber, number).ptr;
        return *this;
    }
    const char *at() const { return m_to; }

    static constexpr qsizetype LongestNumber = 20;

private:
    char *m_to;
};

} // namespace godwit::http
