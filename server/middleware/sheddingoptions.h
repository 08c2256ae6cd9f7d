// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace godwit::middleware {

/// When a server that has more to do than it can begins to refuse.
struct SheddingOptions
{
    bool isOn = true;
    std::chrono::milliseconds target{ 20 }; ///< a wait for the loop's turn that is always acceptable
    std::chrono::milliseconds interval{ 500 }; ///< how long a burst (thousands that come back at once) may take to pass
};

} // namespace godwit::middleware
