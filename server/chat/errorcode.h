// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/error.h"

namespace godwit::chat {

/// The `code` of a refusal: gRPC's words, in lower case.
QLatin1StringView codeOf(Error::Code code);

} // namespace godwit::chat
