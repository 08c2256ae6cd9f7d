// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace godwit::models {

enum class Quantity { Percent, Rate, Milliseconds, Count, Bytes };

/// A figure as people read it: about three significant digits and the unit that suits them.
struct Formatted
{
    QString number; ///< an en dash where there is nothing to show
    QString unit; ///< may be empty

    QString text() const; ///< with a narrow no-break space between the two
};

/// @param value in percent, 1/s, ms, pieces or bytes.
Formatted format(double value, Quantity quantity);

/// As short as it can be, for the ticks of an axis: `1.5k`, `250`, `0.5`.
QString formatTick(double value);

} // namespace godwit::models
