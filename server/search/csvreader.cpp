// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/csvreader.h"

namespace godwit::search {

static constexpr qsizetype pieceBytes = 64 * 1024;
static constexpr int atEnd = -1;

CsvReader::CsvReader(QIODevice &device, qsizetype rowBytes) : m_device(device), m_rowBytes(rowBytes)
{
    fill();
    if (m_buffer.startsWith("\xef\xbb\xbf"))
        m_at = 3;
    const QByteArrayView firstLine = QByteArrayView(m_buffer).first(std::max<qsizetype>(0, m_buffer.indexOf('\n')));
    if (firstLine.count(';') > firstLine.count(','))
        m_separator = ';';
}

bool CsvReader::fill()
{
    m_buffer = m_device.read(pieceBytes);
    m_at = 0;
    return !m_buffer.isEmpty();
}

int CsvReader::get()
{
    if (m_pushedBack != atEnd)
        return std::exchange(m_pushedBack, atEnd);
    if (m_at >= m_buffer.size() && !fill())
        return atEnd;
    ++m_rowSize;
    return static_cast<unsigned char>(m_buffer[m_at++]);
}

bool CsvReader::isWithinLimit()
{
    return m_rowSize < m_rowBytes;
}

/// After the opening quote, up to the closing one.
void CsvReader::readQuoted(QByteArray &field)
{
    for (int c = get(); c != atEnd && isWithinLimit(); c = get()) {
        if (c == '"') {
            c = get();
            if (c != '"') {
                m_pushedBack = c;
                return;
            }
        }
        field += char(c);
    }
}

bool CsvReader::next(QList<QByteArray> &fields)
{
    fields.clear();
    m_rowSize = 0;
    QByteArray field;
    bool hasContent = false;
    for (int c = get(); c != atEnd; c = get()) {
        if (c == '\n' || !isWithinLimit()) {
            if (hasContent)
                break;
            m_rowSize = 0;
            continue;
        }
        if (c == '\r')
            continue; // of CRLF; alone it is no text either
        hasContent = true;
        if (c == m_separator)
            fields.append(std::exchange(field, {}));
        else if (c == '"' && field.isEmpty())
            readQuoted(field);
        else
            field += char(c);
    }
    if (hasContent)
        fields.append(std::move(field));
    return hasContent;
}

} // namespace godwit::search
