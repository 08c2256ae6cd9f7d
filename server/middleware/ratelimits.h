// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace godwit::middleware {

/// How many requests a caller may make. Defaults of the contract.
struct RateLimits
{
    bool isOn = true;
    int anonymous = 10; ///< a second, of an address, without a login
    int search = 2; ///< a second, of an address: GET /api/search without a login
    int login = 5; ///< a minute, of an address: POST /api/auth/login
    int user = 200; ///< a second, of a user
    int userSearch = 50; ///< a second, of a user: GET /api/search
    int chat = 100; ///< a second, of a user: messages and commands over /ws/chat
};

} // namespace godwit::middleware
