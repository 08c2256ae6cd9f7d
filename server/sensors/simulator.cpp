// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/simulator.h"

#include <cmath>
#include <numbers>

using namespace std::chrono_literals;

namespace godwit::sensors {

/// Between -1 and 1, back at the start after @p period.
static double wave(Timestamp time, std::chrono::milliseconds period)
{
    const double part = double(time.time_since_epoch() % period / 1ms) / double(period / 1ms);
    return std::sin(2 * std::numbers::pi * part);
}

static double rounded(double value)
{
    return std::round(value * 100) / 100; // as many digits as a sensor has
}

protocol::SensorSample simulatedAt(Timestamp time)
{
    const double noise = wave(time, 1'700ms) * wave(time, 2'900ms) * wave(time, 7'300ms);
    return { .timestamp = time,
             .temperature = rounded(21.5 + 2.5 * wave(time, 24h) + 0.4 * wave(time, 11min) + 0.08 * noise),
             .humidity = rounded(46 - 6 * wave(time, 24h) + 1.5 * wave(time, 17min) + 0.3 * noise),
             .pressure = rounded(1013.25 + 7 * wave(time, 89h) + 0.3 * wave(time, 43min) + 0.05 * noise),
             .source = protocol::SensorSource::Simulated };
}

} // namespace godwit::sensors
