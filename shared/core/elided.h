// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace godwit {

/// @p text, or its beginning and an ellipsis: at most @p most UTF-16 units, and no half of a surrogate pair at the end.
/// For what repeats to a client what it has sent.
inline QString elided(const QString &text, qsizetype most)
{
    if (text.size() <= most)
        return text;
    QString beginning = text.left(most - 1);
    if (!beginning.isEmpty() && beginning.back().isHighSurrogate())
        beginning.chop(1);
    return beginning + QChar(0x2026);
}

inline constexpr qsizetype longestDetail = 1'000; ///< UTF-16 units, of an error as a client gets it

} // namespace godwit
