// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/exports/rowformat.h"

#include "shared/core/clock.h"

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace godwit::exports {

namespace {

using Kind = Dataset::Column::Kind;

/// Characters for which a cell is quoted, by their byte.
constexpr std::array<bool, 256> quoting = [] {
    std::array<bool, 256> table{};
    for (const char c : { '"', ',', '\r', '\n' })
        table[uchar(c)] = true;
    return table;
}();

/// Those that are no text; nothing for NULL.
QByteArray plain(Kind kind, const QVariant &value)
{
    if (value.isNull())
        return {};
    switch (kind) {
    case Kind::Integer:
        return QByteArray::number(value.toLongLong());
    case Kind::Real:
        return QByteArray::number(value.toDouble(), 'g', QLocale::FloatingPointShortest);
    case Kind::Time:
        return toRfc3339Bytes(Timestamp(std::chrono::milliseconds(value.toLongLong())));
    case Kind::Text:
    case Kind::Json:
        break;
    }
    return value.toString().toUtf8();
}

} // namespace

std::optional<Format> formatFrom(QStringView suffix)
{
    if (suffix == "csv"_L1)
        return Format::Csv;
    if (suffix == "json"_L1)
        return Format::Json;
    if (suffix == "ndjson"_L1)
        return Format::NdJson;
    return {};
}

QByteArrayView contentTypeOf(Format format)
{
    switch (format) {
    case Format::Csv:
        return "text/csv; charset=utf-8";
    case Format::Json:
        return "application/json";
    case Format::NdJson:
        return "application/x-ndjson";
    }
    Q_UNREACHABLE();
}

/// OWASP's list (CSV injection), behind spaces too: some programs trim them before they look. The fullwidth forms
/// become the usual ones where a spreadsheet for Chinese, Japanese or Korean normalizes its input.
static bool looksLikeFormula(QByteArrayView text)
{
    constexpr QByteArrayView blanks = " \t\r\n", formulas = "=+-@", controls = "\t\r\n";
    constexpr QByteArrayView fullwidth[] = { "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20" };
    if (text.isEmpty() || controls.contains(text.front()))
        return !text.isEmpty();
    while (!text.isEmpty() && blanks.contains(text.front()))
        text = text.sliced(1);
    return (!text.isEmpty() && formulas.contains(text.front()))
        || std::ranges::any_of(fullwidth, [text](QByteArrayView form) { return text.startsWith(form); });
}

void appendCsvCell(QByteArray &out, QByteArrayView text)
{
    const bool isFormula = looksLikeFormula(text);
    const bool isQuoted = std::any_of(text.begin(), text.end(), [](char c) { return quoting[uchar(c)]; });
    if (isQuoted)
        out += '"';
    if (isFormula)
        out += '\'';
    for (qsizetype quote; isQuoted && (quote = text.indexOf('"')) >= 0; text = text.sliced(quote + 1))
        (out += text.first(quote + 1)) += '"';
    out += text;
    if (isQuoted)
        out += '"';
}

void appendJsonString(QByteArray &out, QByteArrayView text)
{
    constexpr char digits[] = "0123456789abcdef";
    out += '"';
    qsizetype done = 0;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        out += text.sliced(done, i - done);
        done = i + 1;
        if (c == '"' || c == '\\')
            (out += '\\') += char(c);
        else if (c == '\n')
            out += "\\n";
        else
            ((out += "\\u00") += digits[c >> 4]) += digits[c & 0xf];
    }
    out += text.sliced(done);
    out += '"';
}

RowWriter::RowWriter(std::span<const Dataset::Column> columns, Format format) : m_columns(columns), m_format(format) { }

void RowWriter::begin(QByteArray &out) const
{
    if (m_format == Format::Json)
        out += '[';
    if (m_format != Format::Csv)
        return;
    for (const auto &column : m_columns) {
        if (&column != m_columns.data())
            out += ',';
        out += QByteArrayView(column.name.data(), column.name.size());
    }
    out += "\r\n";
}

void RowWriter::row(QByteArray &out, const std::function<QVariant(int)> &value)
{
    const bool isFirst = std::exchange(m_isFirst, false);
    if (m_format == Format::Csv)
        return csvRow(out, value);
    if (m_format == Format::Json)
        out += isFirst ? "\n" : ",\n";
    jsonRow(out, value);
    if (m_format == Format::NdJson)
        out += '\n';
}

void RowWriter::end(QByteArray &out) const
{
    if (m_format == Format::Json)
        out += m_isFirst ? "]\n" : "\n]\n";
}

void RowWriter::csvRow(QByteArray &out, const std::function<QVariant(int)> &value) const
{
    for (size_t i = 0; i < m_columns.size(); ++i) {
        if (i > 0)
            out += ',';
        const Kind kind = m_columns[i].kind;
        const QByteArray text = plain(kind, value(int(i)));
        if (kind == Kind::Text || kind == Kind::Json)
            appendCsvCell(out, text);
        else
            out += text;
    }
    out += "\r\n";
}

void RowWriter::jsonRow(QByteArray &out, const std::function<QVariant(int)> &value) const
{
    for (size_t i = 0; i < m_columns.size(); ++i) {
        const auto &column = m_columns[i];
        out += i == 0 ? "{\"" : ",\"";
        out += QByteArrayView(column.name.data(), column.name.size());
        out += "\":";
        const QVariant given = value(int(i));
        const QByteArray text = plain(column.kind, given);
        if (given.isNull())
            out += "null";
        else if (column.kind == Kind::Text || column.kind == Kind::Time)
            appendJsonString(out, text);
        else
            out += text; // a number, or JSON as it is stored
    }
    out += '}';
}

} // namespace godwit::exports
