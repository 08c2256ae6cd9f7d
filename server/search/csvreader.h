// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QIODevice>
#include <QList>

namespace godwit::search {

/// Reads CSV row by row (RFC 4180: quotes, doubled quotes, line breaks inside of quotes; LF as well as CRLF) in
/// constant memory. The separator is a comma, or a semicolon where the first line has more of those.
class CsvReader
{
public:
    /// @param rowBytes a row is cut there: a quote that is never closed must not take all memory.
    explicit CsvReader(QIODevice &device, qsizetype rowBytes = 8 * 1024 * 1024);

    /// The next row's fields as bytes; false at the end. Empty lines are left out.
    bool next(QList<QByteArray> &fields);

private:
    int get();
    bool fill();
    void readQuoted(QByteArray &field);
    bool isWithinLimit();

    QIODevice &m_device;
    const qsizetype m_rowBytes;
    QByteArray m_buffer;
    qsizetype m_at = 0, m_rowSize = 0;
    int m_pushedBack = -1;
    char m_separator = ',';
};

} // namespace godwit::search
