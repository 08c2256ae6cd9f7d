// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/devices.h"

#include <QLoggingCategory>

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::sensors {

Q_LOGGING_CATEGORY(deviceLog, "godwit.sensors")

constexpr auto stuckAfter = 5s;

Devices::Devices(Options options, std::shared_ptr<History> history, const Clock &clock)
    : m_options(std::move(options)),
      m_history(std::move(history)),
      m_clock(clock)
{
}

/// Runs @p done when the job has ended, and where it is refused.
template<class Work, class Done>
static void runOn(runtime::BlockingPool &threads, Work work, Done done)
{
    const std::shared_ptr<void> end(nullptr, [done = std::move(done)](void *) { done(); }); // shared with the job
    threads.run({}, [work = std::move(work), end] { work(); });
}

void Devices::turn(runtime::BlockingPool &threads)
{
    const TimePoint now = m_clock.now();
    const auto self = shared_from_this();
    std::vector<std::shared_ptr<Known>> due;
    bool isScanDue = false;
    {
        const std::scoped_lock lock(m_mutex);
        isScanDue = !m_isScanning && (!m_scannedAt || now - *m_scannedAt >= m_options.scan);
        if (isScanDue) {
            m_isScanning = true;
            m_scannedAt = now;
        }
        auto busy = std::ranges::count_if(m_devices, [](const auto &known) { return known->isBusy; });
        for (const auto &known : m_devices) {
            if (known->isGone || known->isBusy || busy >= mostBusy)
                continue;
            known->isBusy = true;
            known->busySince = now;
            ++busy;
            due.push_back(known);
        }
    }
    if (isScanDue)
        runOn(
            threads, [self] { self->scan(); },
            [self] {
                const std::scoped_lock lock(self->m_mutex);
                self->m_isScanning = false;
            });
    for (const auto &known : due)
        runOn(
            threads, [self, known] { self->read(*known); },
            [self, known] {
                const std::scoped_lock lock(self->m_mutex);
                known->isBusy = false;
            });
}

void Devices::scan()
{
    auto found = sysfs::findIio(m_options.iioRoot);
    auto zones = sysfs::findThermal(m_options.thermalRoot);
    std::ranges::move(zones, std::back_inserter(found));
    if (found.size() > most)
        found.resize(most);

    const std::scoped_lock lock(m_mutex);
    m_scannedAt = m_clock.now();
    for (const auto &known : m_devices) {
        const bool isThere = std::ranges::any_of(
            found, [&known](const sysfs::Device &device) { return device.name == known->device.name; });
        if (!isThere && !known->isGone)
            qCWarning(deviceLog, "%s is gone", qUtf8Printable(known->device.name));
        known->isGone = !isThere;
    }
    for (sysfs::Device &device : found) {
        const auto same = std::ranges::find_if(
            m_devices, [&device](const auto &known) { return known->device.name == device.name; });
        const bool isKnown = same != m_devices.end();
        if (isKnown && (*same)->device.path == device.path && (*same)->device.channels.size() == device.channels.size())
            continue;
        auto known = std::make_shared<Known>(); // a job may still read the one of before
        known->values.resize(device.channels.size());
        known->device = std::move(device);
        if (isKnown)
            *same = std::move(known);
        else
            m_devices.push_back(std::move(known));
    }
    std::erase_if(m_devices, [this](const auto &known) { return known->isGone && m_devices.size() > most; });
    m_hasScanned = true;
}

void Devices::readAll()
{
    std::vector<std::shared_ptr<Known>> devices;
    {
        const std::scoped_lock lock(m_mutex);
        std::ranges::copy_if(m_devices, std::back_inserter(devices), [](const auto &known) { return !known->isGone; });
    }
    for (const auto &known : devices)
        read(*known);
}

void Devices::read(Known &known)
{
    std::vector<std::optional<Value>> values(known.device.channels.size());
    std::optional<Error> failed;
    for (size_t i = 0; i < values.size(); ++i) {
        const sysfs::Channel &channel = known.device.channels[i];
        const auto value = channel.read(); // not under the lock: this is what blocks
        if (!value) {
            failed = value.error();
            continue;
        }
        values[i] = Value{ .value = *value, .at = m_clock.timestamp(), .readAt = m_clock.now() };
        const auto added = m_history->add({ .series = known.device.seriesOf(channel),
                                            .value = *value,
                                            .unit = sysfs::unitOf(channel.quantity),
                                            .source = known.device.source });
        if (!added)
            failed = added.error();
    }
    const std::scoped_lock lock(m_mutex);
    for (size_t i = 0; i < values.size(); ++i) {
        if (!values[i])
            continue;
        known.readAt = values[i]->at;
        known.values[i] = values[i];
        ++known.readings;
    }
    if (failed && !known.hasFailed)
        qCWarning(deviceLog, "%s: %s", qUtf8Printable(known.device.name), qUtf8Printable(failed->message()));
    known.hasFailed = failed.has_value();
    if (failed) {
        ++known.failures;
        known.error = failed->message();
    }
}

protocol::SensorSample Devices::present() const
{
    const TimePoint now = m_clock.now();
    protocol::SensorSample sample;
    const auto take = [&sample](double &member, const Value &value) {
        if (!std::isnan(member))
            return;
        member = value.value;
        sample.timestamp = std::max(sample.timestamp, value.at);
        sample.source = protocol::SensorSource::Iio;
    };
    const std::scoped_lock lock(m_mutex);
    for (const auto &known : m_devices) {
        if (known->isGone || known->device.source != protocol::SensorSource::Iio)
            continue;
        for (size_t i = 0; i < known->values.size(); ++i) {
            const auto &value = known->values[i];
            if (!value || now - value->readAt >= m_options.staleAfter)
                continue;
            switch (known->device.channels[i].quantity) {
            case sysfs::Quantity::Temperature:
                take(sample.temperature, *value);
                break;
            case sysfs::Quantity::Humidity:
                take(sample.humidity, *value);
                break;
            case sysfs::Quantity::Pressure:
                take(sample.pressure, *value);
                break;
            }
        }
    }
    return sample;
}

bool Devices::isSettled() const
{
    const TimePoint now = m_clock.now();
    const std::scoped_lock lock(m_mutex);
    return m_hasScanned
        && std::ranges::none_of(m_devices, [&](const auto &known) { return stateOf(*known, now) == State::Waiting; });
}

Devices::Activity Devices::activity() const
{
    const TimePoint now = m_clock.now();
    const std::scoped_lock lock(m_mutex);
    std::vector<TimePoint> begun;
    if (m_isScanning)
        begun.push_back(m_scannedAt.value_or(now));
    for (const auto &known : m_devices) {
        if (known->isBusy)
            begun.push_back(known->busySince);
    }
    if (begun.empty())
        return Activity::AtRest;
    const bool isAnySoon = std::ranges::any_of(begun, [now](TimePoint at) { return now - at < stuckAfter; });
    return isAnySoon ? Activity::Reading : Activity::Stuck;
}

Devices::State Devices::stateOf(const Known &known, TimePoint now) const
{
    if (known.isGone)
        return State::Gone;
    if (known.isBusy && now - known.busySince >= stuckAfter)
        return State::Stuck;
    if (known.hasFailed)
        return State::Failing;
    return known.readAt ? State::Ok : State::Waiting;
}

QList<Devices::Standing> Devices::standings() const
{
    const TimePoint now = m_clock.now();
    QList<Standing> list;
    const std::scoped_lock lock(m_mutex);
    for (const auto &known : m_devices)
        list.append({ .name = known->device.name,
                      .source = known->device.source,
                      .state = stateOf(*known, now),
                      .error = known->error,
                      .readings = known->readings,
                      .failures = known->failures,
                      .readAt = known->readAt,
                      .channels = int(known->device.channels.size()) });
    return list;
}

QString toString(Devices::State state)
{
    switch (state) {
    case Devices::State::Waiting:
        return u"waiting"_s;
    case Devices::State::Ok:
        return u"ok"_s;
    case Devices::State::Failing:
        return u"failing"_s;
    case Devices::State::Stuck:
        return u"stuck"_s;
    case Devices::State::Gone:
        return u"gone"_s;
    }
    return {};
}

} // namespace godwit::sensors
