// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace godwit::exports {

/// `[exports]`
struct Options
{
    int concurrency = 2; ///< that read at a time, each on a database connection; one less than there are, at most
    int queue = 16; ///< that wait: 503 beyond
};

} // namespace godwit::exports
