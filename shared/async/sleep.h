// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/context.h"
#include "shared/async/oneshot.h"

namespace godwit::async {

/// Waits for @p span without holding a thread; never less. Throws @p context's stopError() as soon as its token fires,
/// and DeadlineExceeded when the deadline comes first. The calling thread needs an event loop; all its sleeps share one
/// timer. If the thread ends first, the wait ends with Error::Cancelled.
OneShot<void> sleepFor(const Context &context, std::chrono::milliseconds span);

} // namespace godwit::async
