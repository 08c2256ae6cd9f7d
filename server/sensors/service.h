// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/metrics/inspectable.h"
#include "server/sensors/alerts.h"
#include "server/sensors/devices.h"
#include "server/sensors/keeper.h"

#include <QTimer>

namespace godwit::sensors {

/// All that measures, what it has measured, and the alerts about it. A front: all functions from any thread, but
/// construction, start() and stop(), which belong to a thread with an event loop.
class Service
{
    Q_DISABLE_COPY_MOVE(Service)

public:
    /// All must outlive this.
    Service(db::Pool &pool, runtime::BlockingPool &threads, Options options = {}, const Clock &clock = Clock::system());
    ~Service(); ///< stop()s

    /// Reads the rules of the alerts, and begins to measure.
    void start();
    /// Measures no more; waits for what is being stored, and stores the rest: of what comes later, when it is called
    /// once more.
    void stop();
    /// A device that hangs keeps its thread for as long as it likes, after stop() too.
    Devices::Activity activity() const;

    History &history() { return *sharedHistory(); }
    std::shared_ptr<History> sharedHistory(); ///< for jobs, which may end after this
    Alerts &alerts();
    const Clock &clock() const { return m_clock; }
    const Options &options() const { return m_options; }
    /// For what takes longer than a reactor should: reading and writing thousands of readings.
    runtime::BlockingPool &threads() { return m_threads; }

    /// What is measured now: by this machine's sensors, else by those who send readings of `temperature`, `humidity`
    /// and `pressure`, else simulated. Never of several sources at once; of none while it is not known yet.
    protocol::SensorSample present() const;

    /// For the engine room: a part for each device, the simulator, what is sent, and the history; kind `sensor`.
    metrics::InspectableGroup inspectable() const;

    /// What the timer does: a reading of everything is begun, and what is due is stored. Also for tests.
    void turn();

private:
    struct Core;

    const Options m_options;
    const Clock &m_clock;
    runtime::BlockingPool &m_threads;
    const std::shared_ptr<Core> m_core; // shared with the jobs under way
    QTimer m_timer;
};

} // namespace godwit::sensors
