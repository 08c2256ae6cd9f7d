// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"

#include <memory>

namespace godwit::http {
class EventStream;
}

namespace godwit::operations {

/// A stream that says `Current time: <RFC 3339>` now and then each @p interval, with ids from @p firstId. Its timer
/// lives as long as the stream, in the calling reactor. @p clock must outlive it.
std::shared_ptr<http::EventStream> makeTimeStream(const Clock &clock, std::chrono::milliseconds interval,
                                                  qint64 firstId);

} // namespace godwit::operations
