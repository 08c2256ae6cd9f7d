// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/exports/dataset.h"

#include <QByteArray>
#include <QVariant>

#include <functional>
#include <optional>

namespace godwit::exports {

enum class Format {
    Csv, ///< RFC 4180, with a first row of names
    Json, ///< one array of objects
    NdJson, ///< an object a line
};
std::optional<Format> formatFrom(QStringView suffix); ///< `csv json ndjson`
QByteArrayView contentTypeOf(Format format); ///< a literal

/// Appends @p text as a cell: quoted where it must be, and with an apostrophe in front where a spreadsheet might take
/// it for a formula (it begins with = + - @ or one of their fullwidth forms, also behind spaces, or with a tab or the
/// end of a line).
void appendCsvCell(QByteArray &out, QByteArrayView text);
/// Appends @p text, UTF-8, as a JSON string.
void appendJsonString(QByteArray &out, QByteArrayView text);

/// Writes rows one by one. Calls in this order: begin, row..., end; what they append together is the document.
class RowWriter
{
public:
    RowWriter(std::span<const Dataset::Column> columns, Format format);

    void begin(QByteArray &out) const;
    /// @p value (`QVariant value(int)`) is asked for each column once, in order.
    void row(QByteArray &out, const std::function<QVariant(int)> &value);
    void end(QByteArray &out) const;

private:
    void csvRow(QByteArray &out, const std::function<QVariant(int)> &value) const;
    void jsonRow(QByteArray &out, const std::function<QVariant(int)> &value) const;

    const std::span<const Dataset::Column> m_columns;
    const Format m_format;
    bool m_isFirst = true;
};

} // namespace godwit::exports
