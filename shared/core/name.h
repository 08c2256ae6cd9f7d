// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QString>

namespace godwit {

inline constexpr qsizetype maxNameLength = 64; ///< UTF-16 units, of rooms and users

/// The one spelling of a room's or user's name: without white space around it, in Unicode's form C. Error::
/// InvalidArgument, which names @p what, for an empty or long one and for characters that cannot be seen.
Result<QString> normalizedName(const QString &name, QLatin1StringView what);

/// What two names have in common that people would take for the same: without regard to case and to compatibility forms
/// (Unicode 3.13, D146: toNFKC_Casefold but for ignorable characters, which normalizedName() refuses).
QString nameKey(const QString &name);

} // namespace godwit
