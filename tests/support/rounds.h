// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

namespace godwit {

/// How many seeds or inputs a test takes that tries at random: @p usual, or many times as many in the long tests
/// (`./dev test --long`), which set GODWIT_LONG.
inline unsigned rounds(unsigned usual)
{
    return qEnvironmentVariableIsSet("GODWIT_LONG") ? 100 * usual : usual;
}

} // namespace godwit
