// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"

#include <QByteArray>

namespace godwit::outbound {

/// How long the field Retry-After asks to wait (RFC 9110, 10.2.3): seconds, or until a date. Zero for what is neither,
/// or past; at most a day.
std::chrono::milliseconds retryAfter(const QByteArray &value, Timestamp now);

} // namespace godwit::outbound
