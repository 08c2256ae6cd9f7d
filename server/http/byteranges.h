// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>
#include <QtGlobal>

#include <vector>

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
        /// No field, another unit, or nonsense: the field is ignored. So it is where it asks for more than the file has
        /// or for more than 64 parts, as nobody does in good faith (14.2).
        Whole,
        Parts,
        Unsatisfiable, ///< 416
    };

    Kind kind = Kind::Whole;
    std::vector<ByteRange> parts{}; ///< in the order asked; within the file, and none is empty

    static RangeRequest parse(QByteArrayView field, qint64 fileSize);
};

/// Whether @p list, the value of `If-None-Match`, names @p etag; compared weakly, `*` names all (RFC 9110, 13.1.2).
bool namesETag(QByteArrayView list, QByteArrayView etag);

} // namespace godwit::http
