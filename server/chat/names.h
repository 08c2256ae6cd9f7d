// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/name.h"

namespace godwit::chat {

inline constexpr qsizetype maxMessageBytes = 64 * 1024; ///< UTF-8

/// Error::FailedValidation for an empty text and for NUL (which PostgreSQL cannot store), Error::PayloadTooLarge for a
/// long one.
Result<void> checkMessage(const QString &text);

} // namespace godwit::chat
