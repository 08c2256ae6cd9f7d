// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/service.h"

#include "server/sensors/simulator.h"

using namespace Qt::StringLiterals;

namespace godwit::sensors {

using protocol::SensorSample;
using protocol::SensorSource;

struct Service::Core
{
    Core(db::Pool &pool, const Options &o, const Clock &c)
        : options(o),
          clock(c),
          history(std::make_shared<History>(o.series, c)),
          devices(std::make_shared<Devices>(o, history, c)),
          keeper(pool, *history, c),
          alerts(pool, *history, o.staleAfter, c)
    {
    }

    SensorSample ingested() const;
    SensorSample measured() const;
    void simulate();
    void keep();

    const Options options;
    const Clock &clock;
    const std::shared_ptr<History> history; // shared with the devices
    const std::shared_ptr<Devices> devices; // shared with the jobs that read them
    Keeper keeper;
    Alerts alerts;
    std::mutex keeping; // held while something is stored
    bool isStopped = false; // guarded by it
    std::atomic<bool> isKeeping = false; // a job for it is under way
    std::atomic<bool> isSimulating = false;
    std::atomic<qint64> simulated = 0;
};

SensorSample Service::Core::ingested() const
{
    SensorSample sample;
    const auto take = [&](double &member, sysfs::Quantity quantity) {
        const auto present = history->find(sysfs::nameOf(quantity));
        if (!present || !present->latest || present->series.source != SensorSource::Ingest
            || !present->latest->isPresent(clock, options.staleAfter))
            return;
        member = present->latest->value;
        sample.timestamp = std::max(sample.timestamp, present->latest->at);
        sample.source = SensorSource::Ingest;
    };
    take(sample.temperature, sysfs::Quantity::Temperature);
    take(sample.humidity, sysfs::Quantity::Humidity);
    take(sample.pressure, sysfs::Quantity::Pressure);
    return sample;
}

SensorSample Service::Core::measured() const
{
    const SensorSample sample = devices->present();
    return sample.source ? sample : ingested();
}

/// Once it is known that there is nothing real.
void Service::Core::simulate()
{
    isSimulating = options.simulate && devices->isSettled() && !measured().source;
    if (!isSimulating)
        return;
    const SensorSample sample = simulatedAt(clock.timestamp());
    const auto add = [this](sysfs::Quantity quantity, double value) {
        if (history->add({ .series = u"simulated."_s + sysfs::nameOf(quantity),
                           .value = value,
                           .unit = sysfs::unitOf(quantity),
                           .source = SensorSource::Simulated }))
            ++simulated;
    };
    add(sysfs::Quantity::Temperature, sample.temperature);
    add(sysfs::Quantity::Humidity, sample.humidity);
    add(sysfs::Quantity::Pressure, sample.pressure);
}

void Service::Core::keep()
{
    const std::scoped_lock lock(keeping);
    if (!isStopped) {
        keeper.turn(options.flush);
        alerts.turn();
    }
    isKeeping = false;
}

Service::Service(db::Pool &pool, runtime::BlockingPool &threads, Options options, const Clock &clock)
    : m_options(std::move(options)),
      m_clock(clock),
      m_threads(threads),
      m_core(std::make_shared<Core>(pool, m_options, clock))
{
    m_timer.setTimerType(Qt::PreciseTimer);
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { turn(); });
}

Service::~Service()
{
    stop();
}

void Service::start()
{
    m_core->alerts.start();
    turn();
    m_timer.start(m_options.interval);
}

void Service::stop()
{
    m_timer.stop();
    const std::scoped_lock lock(m_core->keeping);
    m_core->isStopped = true;
    m_core->keeper.flush();
}

Devices::Activity Service::activity() const
{
    return m_core->devices->activity();
}

void Service::turn()
{
    m_core->devices->turn(m_threads);
    m_core->simulate();
    if (!m_core->isKeeping.exchange(true)) {
        const std::shared_ptr<void> end(nullptr, [core = m_core](void *) { core->isKeeping = false; }); // of the job
        m_threads.run({}, [core = m_core, end] { core->keep(); });
    }
}

std::shared_ptr<History> Service::sharedHistory()
{
    return m_core->history;
}

Alerts &Service::alerts()
{
    return m_core->alerts;
}

SensorSample Service::present() const
{
    SensorSample sample = m_core->measured();
    if (!sample.source) {
        const Timestamp now = m_clock.timestamp();
        if (m_options.simulate && m_core->devices->isSettled())
            return simulatedAt(now);
        sample.timestamp = now;
    }
    return sample;
}

metrics::InspectableGroup Service::inspectable() const
{
    const auto list = [core = m_core](qsizetype) {
        metrics::InspectableGroup::Listed listed;
        for (const Devices::Standing &device : core->devices->standings()) {
            protocol::RuntimePart part{ .kind = {}, .name = device.name, .state = toString(device.state) };
            part.figures = { { u"source"_s, toString(device.source) },
                             { u"channels"_s, device.channels },
                             { u"readings"_s, device.readings },
                             { u"failures"_s, device.failures },
                             { u"read_at"_s, device.readAt ? QJsonValue(toRfc3339(*device.readAt)) : QJsonValue() } };
            if (!device.error.isEmpty())
                part.figures.insert(u"last_failure"_s, device.error);
            listed.parts.append(part);
        }
        const auto ingested = core->ingested();
        listed.parts.append({ .kind = {}, .name = u"ingest"_s, .state = ingested.source ? u"ok"_s : u"idle"_s });
        listed.parts.append({ .kind = {},
                              .name = u"simulator"_s,
                              .state = core->isSimulating ? u"simulating"_s : u"idle"_s,
                              .figures = { { u"readings"_s, core->simulated.load() } } });
        const auto kept = core->keeper.figures();
        listed.parts.append({ .kind = {},
                              .name = u"history"_s,
                              .state = kept.isLoaded ? u"ok"_s : u"loading"_s,
                              .figures = { { u"series"_s, core->history->size() },
                                           { u"restored"_s, kept.restored },
                                           { u"saved"_s, kept.saved },
                                           { u"batches"_s, kept.batches },
                                           { u"failures"_s, kept.failures } },
                              .limits = { { u"series"_s, core->history->most() } } });
        return listed;
    };
    return { .kind = u"sensor"_s, .list = list };
}

} // namespace godwit::sensors
