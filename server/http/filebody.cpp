// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/filebody.h"

#include <algorithm>

namespace godwit::http {

FileBody::FileBody(std::unique_ptr<QFile> file, ByteRange range)
    : m_file(std::move(file)),
      m_size(range.size),
      m_left(range.size)
{
    if (range.at != 0 && !m_file->seek(range.at))
        m_file->close(); // the first read() fails
}

Body::State FileBody::read(QByteArray &out, qsizetype budget)
{
    const qsizetype before = out.size();
    const qint64 wanted = std::min<qint64>(budget, m_left);
    if (wanted > 0) {
        out.resize(before + qsizetype(wanted));
        const qint64 got = m_file->isOpen() ? m_file->read(out.data() + before, wanted) : -1;
        out.resize(before + qsizetype(std::max<qint64>(got, 0)));
        if (got <= 0)
            return State::Failed;
        m_left -= got;
    }
    return m_left > 0 ? State::More : State::End;
}

} // namespace godwit::http
