// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <chrono>

namespace godwit::sensors {

/// `[sensors]`
struct Options
{
    QString iioRoot = QStringLiteral("/sys/bus/iio/devices"); ///< empty: none is looked for
    QString thermalRoot = QStringLiteral("/sys/class/thermal"); ///< empty: none is looked for
    bool simulate = true; ///< where nothing real is there
    std::chrono::milliseconds interval{ 1'000 }; ///< between two readings of a device
    std::chrono::milliseconds staleAfter{ 60'000 }; ///< a reading that old is no longer the present
    std::chrono::milliseconds flush{ 10'000 }; ///< between two batches for the disk
    int series = 64; ///< most of them; one takes up to 2 MiB
    std::chrono::milliseconds scan{ 10'000 }; ///< between two looks for devices; not in the configuration
};

} // namespace godwit::sensors
