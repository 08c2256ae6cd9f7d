// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/byteranges.h"

#include "server/http/syntax.h"

#include <QByteArray>

#include <algorithm>
#include <limits>
#include <optional>

namespace godwit::http {

namespace {

constexpr size_t mostParts = 64;

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

/// One element of the list. Nothing where it is none; of size zero where it has no byte of the file.
std::optional<ByteRange> toRange(QByteArrayView spec, qint64 fileSize)
{
    const qsizetype dash = spec.indexOf('-');
    if (dash < 0)
        return {};
    const QByteArrayView firstText = spec.first(dash), lastText = spec.sliced(dash + 1);
    const auto first = position(firstText), last = position(lastText);
    if ((!first && !firstText.isEmpty()) || (!last && !lastText.isEmpty()) || (!first && !last))
        return {};
    if (!first) { // the last so many bytes
        const qint64 size = std::min(*last, fileSize);
        return ByteRange{ fileSize - size, size };
    }
    if (last && *last < *first)
        return {};
    if (*first >= fileSize)
        return ByteRange{ fileSize, 0 };
    const qint64 end = last ? std::min(*last, fileSize - 1) : fileSize - 1;
    return ByteRange{ *first, end - *first + 1 };
}

} // namespace

RangeRequest RangeRequest::parse(QByteArrayView field, qint64 fileSize)
{
    constexpr QByteArrayView unit = "bytes=";
    if (field.size() < unit.size() || field.first(unit.size()).compare(unit, Qt::CaseInsensitive) != 0)
        return {};
    RangeRequest request{ .kind = Kind::Unsatisfiable };
    qint64 total = 0;
    bool isList = true, isEmpty = true;
    syntax::forEachElement(field.sliced(unit.size()), [&](QByteArrayView element) {
        const auto range = toRange(element, fileSize);
        isList = range.has_value();
        isEmpty = false;
        if (!range || range->size == 0)
            return isList;
        total += range->size;
        request.parts.push_back(*range);
        return total <= fileSize && request.parts.size() <= mostParts;
    });
    if (!isList || isEmpty || total > fileSize || request.parts.size() > mostParts)
        return {};
    if (!request.parts.empty())
        request.kind = Kind::Parts;
    return request;
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
