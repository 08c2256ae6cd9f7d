// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace godwit::auth {

enum class Mode {
    Token, ///< everybody proves who they are
    Open, ///< everybody is an admin under the name that they give: for trusted networks, demos and benchmarks
};

/// Defaults of the contract.
struct Options
{
    Mode mode = Mode::Token;
    bool isOpenAnywhere = false; ///< open mode on addresses that other machines reach
    std::chrono::milliseconds accessLifetime{ 15 * 60'000 }; ///< of an access token
    std::chrono::milliseconds loginLifetime{ std::chrono::hours(30 * 24) }; ///< of a refresh token: of a login unused
    std::chrono::milliseconds ticketLifetime{ 30'000 };
    std::chrono::milliseconds keyLifetime{ std::chrono::hours(30 * 24) }; ///< then a new key signs
    int loginsPerName = 10; ///< tries a minute; 0: no limit
};

} // namespace godwit::auth
