// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/keytypes.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::config {

// Formatted as a table: a line a key.
// clang-format off
void addSensorKeys(std::vector<Key> &keys)
{
    keys.push_back(text({ "sensors"_L1, "iio_root"_L1, "Where Linux shows the sensors of its IIO drivers; empty: they are not looked for."_L1 }, u"a folder"_s, [](Config &c) -> auto & { return c.sensors.iioRoot; }));
    keys.push_back(text({ "sensors"_L1, "thermal_root"_L1, "Where Linux shows the temperatures of the machine itself; empty: they are not looked for."_L1 }, u"a folder"_s, [](Config &c) -> auto & { return c.sensors.thermalRoot; }));
    keys.push_back(boolean({ "sensors"_L1, "simulate"_L1, "Whether readings are made up where nothing measures; they say that they are."_L1 }, [](Config &c) -> auto & { return c.sensors.simulate; }));
    keys.push_back(duration({ "sensors"_L1, "interval"_L1, "Between two readings of a sensor."_L1 }, 10ms, 1h, [](Config &c) -> auto & { return c.sensors.interval; }));
    keys.push_back(duration({ "sensors"_L1, "stale_after"_L1, "How old a reading may be to be the present."_L1 }, 1s, 24h, [](Config &c) -> auto & { return c.sensors.staleAfter; }));
    keys.push_back(duration({ "sensors"_L1, "flush"_L1, "Between two batches of the history for the disk: a crash loses at most so much of it."_L1 }, 100ms, 1h, [](Config &c) -> auto & { return c.sensors.flush; }));
    keys.push_back(integer({ "sensors"_L1, "series"_L1, "Most series of readings; each takes up to 2 MiB of memory: refused beyond."_L1 }, 1, 10'000, [](Config &c) -> auto & { return c.sensors.series; }));
}
// clang-format on

} // namespace godwit::config
