// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>

#include <optional>

namespace godwit::http {

/// A part of a file.
struct ByteRange
{
    qint64 at = 0;
    qint64 size = 0;

    bool operator==(const ByteRange &) const = default;
};

/// What a `Range` field asks for (RFC 9110, 14).
struct RangeRequest
{
    enum class Kind {
        Whole, ///< no field, another unit, several ranges, or nonsense: the field is ignored
        Part,
        Unsatisfiable, ///< 416
    };

    Kind kind = Kind::Whole;
    ByteRange range;

    static RangeRequest parse(QByteArrayView field, qint64 fileSize);
};

/// Whether @p list, the value of `If-None-Match`, names @p etag; compared weakly, `*` names all (RFC 9110, 13.1.2).
bool namesETag(QByteArrayView list, QByteArrayView etag);

} // namespace godwit::http
