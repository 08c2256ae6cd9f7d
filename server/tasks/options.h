// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <chrono>

namespace godwit::tasks {

/// How long tasks that have ended are kept.
struct Options
{
    std::chrono::milliseconds keepFor{ std::chrono::hours(30 * 24) };
    qint64 keep = 10'000; ///< the newest
};

} // namespace godwit::tasks
