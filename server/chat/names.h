// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QString>

namespace godwit::chat {

inline constexpr qsizetype maxNameLength = 64; ///< UTF-16 units, of rooms and users
inline constexpr qsizetype maxMessageBytes = 64 * 1024; ///< UTF-8

/// The one spelling of a room's or user's name: without white space around it, in Unicode's form C. Error::
/// InvalidArgument, which names @p what, for an empty or long one and for characters that cannot be seen.
Result<QString> normalizedName(const QString &name, QLatin1StringView what);

/// Error::FailedValidation for an empty text and for NUL (which PostgreSQL cannot store), Error::PayloadTooLarge for a
/// long one.
Result<void> checkMessage(const QString &text);

} // namespace godwit::chat
