// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <chrono>

namespace godwit::log {

/// `[events]`: how much of the event log is kept.
struct Options
{
    std::chrono::milliseconds maxAge{ std::chrono::hours(24 * 7) }; ///< of an event in the database
    qint64 maxEvents = 100'000; ///< of a topic, in the database
    int ringEvents = 1'000; ///< of a topic, in memory
    qint64 ringBytes = 1024 * 1024; ///< of a topic, in memory
};

} // namespace godwit::log
