// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/sensors.h"

namespace godwit::sensors {

/// What a room might measure at that time: a day's warmth, weather that passes, a little noise. The same for the same
/// time, and always said to be simulated.
protocol::SensorSample simulatedAt(Timestamp time);

} // namespace godwit::sensors
