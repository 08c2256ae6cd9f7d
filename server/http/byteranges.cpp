// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/byteranges.h"

#include <QByteArray>

#include <algorithm>

namespace godwit::http {

namespace {

/// Only digits; nothing for none of them. As many as do not fit are more than any file has.
std::optional<qint64> position(QByteArrayView text)
{
    if (text.isEmpty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    bool fits = false;
    const qint64 value = text.toLongLong(&fits);
    return fits ? value : std::numeric_limits<qint64>::max();
}

QByteArrayView withoutWeakness(QByteArrayView etag)
{
    return etag.startsWith("W/") ? etag.sliced(2) : etag;
}

} // namespace

RangeRequest RangeRequest::parse(QByteArrayView field, qint64 fileSize)
{
    constexpr QByteArrayView unit = "bytes=";
    if (field.size() < unit.size() || field.first(unit.size()).compare(unit, Qt::CaseInsensitive) != 0)
        return {};
    const QByteArrayView spec = field.sliced(unit.size()).trimmed();
    const qsizetype dash = spec.indexOf('-');
    if (dash < 0 || spec.contains(','))
        return {};
    const QByteArrayView firstText = spec.first(dash), lastText = spec.sliced(dash + 1);
    const auto first = position(firstText), last = position(lastText);
    if ((!first && !firstText.isEmpty()) || (!last && !lastText.isEmpty()) || (!first && !last))
        return {};
    if (!first) { // the last so many bytes
        const qint64 size = std::min(*last, fileSize);
        if (size == 0)
            return { Kind::Unsatisfiable, {} };
        return { Kind::Part, { fileSize - size, size } };
    }
    if (last && *last < *first)
        return {};
    if (*first >= fileSize)
        return { Kind::Unsatisfiable, {} };
    const qint64 end = last ? std::min(*last, fileSize - 1) : fileSize - 1;
    return { Kind::Part, { *first, end - *first + 1 } };
}

bool namesETag(QByteArrayView list, QByteArrayView etag)
{
    if (list.trimmed() == "*")
        return true;
    // Commas may stand within an entity tag: go from quote to quote.
    for (;;) {
        const qsizetype open = list.indexOf('"');
        const qsizetype close = open < 0 ? -1 : list.indexOf('"', open + 1);
        if (close < 0)
            return false;
        if (list.sliced(open, close - open + 1) == withoutWeakness(etag))
            return true;
        list = list.sliced(close + 1);
    }
}

} // namespace godwit::http
