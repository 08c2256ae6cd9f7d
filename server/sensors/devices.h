// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/runtime/blockingpool.h"
#include "server/sensors/history.h"
#include "server/sensors/options.h"
#include "server/sensors/sysfs.h"

namespace godwit::sensors {

/// The sensors of this machine: finds them, again and again, and reads each on a blocking thread into the history. One
/// that fails, hangs or vanishes says so and holds up no other; it is read again when it is back. A table behind a
/// short lock: all functions from any thread. Shared with the jobs under way.
class Devices : public std::enable_shared_from_this<Devices>
{
public:
    Devices(Options options, std::shared_ptr<History> history, const Clock &clock);

    /// Lets whatever is due be done by @p threads.
    void turn(runtime::BlockingPool &threads);
    void scan(); ///< blocks
    void readAll(); ///< blocks

    /// The present, of the first device that measures it; source: iio, or none where no device does.
    protocol::SensorSample present() const;
    /// Whether it is known by now what measures here: it was looked, and what was found has been read, failed or hangs.
    bool isSettled() const;

    /// What the threads do for it. Stuck: one for so long that nobody should wait for its end.
    enum class Activity { AtRest, Reading, Stuck };
    Activity activity() const;

    enum class State { Waiting, Ok, Failing, Stuck, Gone };
    struct Standing
    {
        QString name;
        protocol::SensorSource source = protocol::SensorSource::Iio;
        State state = State::Waiting;
        QString error; ///< of the last failure
        qint64 readings = 0, failures = 0;
        std::optional<Timestamp> readAt;
        int channels = 0;
    };
    QList<Standing> standings() const;

    static constexpr int most = 64; ///< devices
    static constexpr int mostBusy = 4; ///< that are read at a time, so that hanging ones leave threads to others

private:
    struct Value
    {
        double value = 0;
        Timestamp at{};
        TimePoint readAt{};
    };
    struct Known
    {
        sysfs::Device device;
        bool isGone = false, isBusy = false, hasFailed = false;
        TimePoint busySince{};
        QString error{};
        qint64 readings = 0, failures = 0;
        std::optional<Timestamp> readAt{};
        std::vector<std::optional<Value>> values{}; // of each channel
    };

    State stateOf(const Known &known, TimePoint now) const;
    void read(Known &known);

    const Options m_options;
    const std::shared_ptr<History> m_history; // shared with the service
    const Clock &m_clock;
    mutable std::mutex m_mutex; // guards all below
    std::vector<std::shared_ptr<Known>> m_devices; // shared with the jobs that read them
    std::optional<TimePoint> m_scannedAt;
    bool m_isScanning = false, m_hasScanned = false;
};

QString toString(Devices::State state); ///< `waiting`, `ok`, `failing`, `stuck`, `gone`

} // namespace godwit::sensors
