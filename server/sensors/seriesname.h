// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/sensors/sysfs.h"

namespace godwit::sensors {

/// 1 to 64 of `a-z 0-9 _ - .`, a letter or digit first.
bool isSeriesName(const QString &name);
QString seriesNameRule(); ///< what is wrong about one that is none

/// Whether the server itself gives such names, so that nobody can pretend to be a device: `iio.`, `thermal.`,
/// `simulated.`.
bool isReservedSeriesName(const QString &name);

/// The one that others tell the present of a place by: `temperature`, `humidity`, `pressure`.
std::optional<sysfs::Quantity> quantityOf(const QString &series);

} // namespace godwit::sensors
