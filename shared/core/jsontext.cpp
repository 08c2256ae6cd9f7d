// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/core/jsontext.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace godwit {

namespace {

bool isAscii(QByteArrayView text)
{
    return std::none_of(text.begin(), text.end(), [](char c) { return c & 0x80; });
}

void appendQuoted(QByteArray &out, QByteArrayView text)
{
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c >= 0 && c < ' ') {
            out += "\\u00";
            out += "0123456789abcdef"[c >> 4];
            out += "0123456789abcdef"[c & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

} // namespace

void JsonText::begin(QByteArrayView name)
{
    if (m_text.isEmpty())
        m_text.reserve(320);
    m_text += m_text.isEmpty() ? '{' : ',';
    appendQuoted(m_text, name);
    m_text += ':';
}

JsonText &JsonText::add(QByteArrayView name, QStringView text)
{
    begin(name);
    appendQuoted(m_text, text.toUtf8()); // which replaces lone surrogates
    return *this;
}

JsonText &JsonText::add(QByteArrayView name, QByteArrayView text)
{
    if (!isAscii(text))
        return add(name, QStringView(QString::fromUtf8(text)));
    begin(name);
    appendQuoted(m_text, text);
    return *this;
}

JsonText &JsonText::add(QByteArrayView name, qint64 number)
{
    begin(name);
    m_text += QByteArray::number(number);
    return *this;
}

JsonText &JsonText::add(QByteArrayView name, double number)
{
    begin(name);
    m_text
        += std::isfinite(number) ? QByteArray::number(number, 'g', QLocale::FloatingPointShortest) : QByteArray("null");
    return *this;
}

JsonText &JsonText::add(QByteArrayView name, JsonText object)
{
    begin(name);
    m_text += std::move(object).finish();
    return *this;
}

JsonText &JsonText::add(QByteArrayView name, JsonArray array)
{
    begin(name);
    m_text += std::move(array).finish();
    return *this;
}

QByteArray JsonText::finish() &&
{
    m_text += m_text.isEmpty() ? "{}" : "}";
    return std::move(m_text);
}

JsonArray &JsonArray::add(JsonText object)
{
    m_text += m_text.isEmpty() ? '[' : ',';
    m_text += std::move(object).finish();
    return *this;
}

QByteArray JsonArray::finish() &&
{
    m_text += m_text.isEmpty() ? "[]" : "]";
    return std::move(m_text);
}

} // namespace godwit
