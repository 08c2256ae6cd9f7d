// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace godwit::operations {

/// What the daemon says about itself to people and to tools; built into the program from resources/.
struct Pages
{
    QByteArray index, docs; ///< HTML of `/` and `/docs`
    QByteArray openApi, asyncApi; ///< JSON

    /// @p version stands where the pages say `{{version}}`.
    static Pages load(const QByteArray &version);
};

} // namespace godwit::operations
