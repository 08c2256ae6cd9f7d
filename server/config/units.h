// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QString>

#include <chrono>

/// How durations and sizes are written in the configuration.
namespace godwit::config {

/// `250ms`, `30s`, `5m`, `12h`, `7d`, or `0`. Fails on anything else, on negative values and on overflow.
Result<std::chrono::milliseconds> durationFrom(const QString &text);
/// The shortest text that durationFrom() reads back.
QString toText(std::chrono::milliseconds duration);

/// Bytes: `512`, `512B`, `64KiB`, `8MiB`, `1GiB` (powers of 1,024), or `64kB`, `8MB`, `1GB` (of 1,000).
Result<qint64> sizeFrom(const QString &text);
/// The shortest text with a power of 1,024 that sizeFrom() reads back.
QString sizeToText(qint64 bytes);

} // namespace godwit::config
