// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"

#include <QByteArray>

namespace godwit::outbound {

/// The value of X-Godwit-Signature: `t=<seconds since 1970>,v1=<HMAC-SHA256 of "t.body", hexadecimal>` (RFC 2104). Its
/// reader computes the same with the secret, compares in constant time, and refuses a t that is long past: whoever has
/// seen a message can not send it again later.
QByteArray signature(const QByteArray &secret, const QByteArray &body, Timestamp now);

} // namespace godwit::outbound
