// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"

#include <QByteArray>

#include <optional>

namespace godwit::http {

/// As RFC 9110, 5.6.7 has it: `Sun, 22 Nov 2026 17:00:00 GMT`. Milliseconds are dropped.
QByteArray toHttpDate(Timestamp time);
/// Of that form alone, which all have sent for long; nothing for others.
std::optional<Timestamp> fromHttpDate(QByteArrayView text);

} // namespace godwit::http
