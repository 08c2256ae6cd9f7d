// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/alerts.h"

#include <QLoggingCategory>

using namespace std::chrono_literals;

namespace godwit::sensors {

Q_LOGGING_CATEGORY(alertLog, "godwit.sensors.alerts")

constexpr auto alertPruneInterval = 1h;

struct Alerts::State
{
    void tell(const std::optional<Alert> &alert)
    {
        const std::scoped_lock lock(listenersMutex);
        if (!alert)
            return;
        for (const Listener &listener : listeners)
            listener(*alert);
    }

    std::mutex mutex; // guards the rules
    std::map<qint64, Watched> watched;
    std::mutex listenersMutex; // guards the next, and is held while they are told
    std::vector<Listener> listeners;
};

Alerts::Alerts(db::Pool &pool, const History &history, std::chrono::milliseconds staleAfter, const Clock &clock)
    : m_pool(pool),
      m_history(history),
      m_staleAfter(staleAfter),
      m_clock(clock),
      m_state(std::make_shared<State>())
{
}

Alerts::~Alerts()
{
    const std::scoped_lock lock(m_state->listenersMutex);
    m_state->listeners.clear();
}

void Alerts::addListener(Listener listener)
{
    const std::scoped_lock lock(m_state->listenersMutex);
    m_state->listeners.push_back(std::move(listener));
}

void Alerts::start()
{
    const auto stored = m_pool
                            .read({},
                                  [](db::Connection &connection) {
                                      return std::pair(store::rules(connection), store::firingRules(connection));
                                  })
                            .future()
                            .result();
    const std::scoped_lock lock(m_state->mutex);
    for (const AlertRule &rule : stored.first) {
        const auto state = stored.second.contains(rule.id) ? AlertMachine::State::Firing : AlertMachine::State::Ok;
        m_state->watched.insert_or_assign(rule.id,
                                          Watched{ .machine = AlertMachine(rule, state), .knownSince = m_clock.now() });
    }
}

Observation Alerts::observe(const Watched &watched) const
{
    const TimePoint now = m_clock.now();
    const auto present = m_history.find(watched.machine.rule().series);
    const auto since = [now](TimePoint at) { return std::chrono::duration_cast<std::chrono::milliseconds>(now - at); };
    if (!present || !present->latest)
        return { .value = {}, .silence = since(watched.knownSince) };
    Observation observation{ .value = {}, .silence = since(std::max(present->latest->arrivedAt, watched.knownSince)) };
    if (present->latest->isPresent(m_clock, m_staleAfter))
        observation.value = present->latest->value;
    return observation;
}

void Alerts::step(qint64 id)
{
    std::optional<Watched> watched;
    {
        const std::scoped_lock lock(m_state->mutex);
        const auto found = m_state->watched.find(id);
        if (found == m_state->watched.end())
            return;
        watched = found->second;
    }
    using Stand = AlertMachine::State;
    const Observation observation = observe(*watched);
    const Stand before = watched->machine.state();
    const Stand after = watched->machine.step(observation, m_clock.now());
    const auto tell = [state = m_state](const std::optional<Alert> &alert) { state->tell(alert); };
    const auto write = [this, &tell](auto work) { m_pool.write({}, std::move(work), tell).future().waitForFinished(); };
    if (after == Stand::Firing && before != Stand::Firing)
        write([rule = watched->machine.rule(), value = observation.value, now = m_clock.timestamp()](
                  db::Connection &connection) { return store::fire(connection, rule, value, now); });
    else if (before == Stand::Firing && after != Stand::Firing)
        write([id, now = m_clock.timestamp()](db::Connection &connection) {
            return store::resolve(connection, id, now);
        });
    const std::scoped_lock lock(m_state->mutex);
    const auto found = m_state->watched.find(id);
    if (found != m_state->watched.end())
        found->second = *watched;
}

void Alerts::turn()
{
    std::vector<qint64> ids;
    {
        const std::scoped_lock lock(m_state->mutex);
        for (const auto &[id, watched] : m_state->watched)
            ids.push_back(id);
    }
    try {
        for (const qint64 id : ids)
            step(id);
        if (!m_prunedAt || m_clock.now() - *m_prunedAt >= alertPruneInterval) {
            m_prunedAt = m_clock.now();
            m_pool
                .write({},
                       [now = m_clock.timestamp()](db::Connection &connection) { store::pruneAlerts(connection, now); })
                .future()
                .waitForFinished();
        }
    } catch (const Error &error) {
        qCWarning(alertLog, "alerts are not stored: %s",
                  qUtf8Printable(error.internalMessage().isEmpty() ? error.message() : error.internalMessage()));
    }
}

QList<Alerts::Standing> Alerts::rules() const
{
    QList<Standing> list;
    const std::scoped_lock lock(m_state->mutex);
    for (const auto &[id, watched] : m_state->watched)
        list.append({ .rule = watched.machine.rule(), .state = watched.machine.state() });
    return list;
}

async::OneShot<AlertRule> Alerts::addRule(async::Context context, AlertRule rule)
{
    rule.createdAt = m_clock.timestamp();
    return m_pool.write(
        std::move(context),
        [rule = std::move(rule)](db::Connection &connection) { return store::addRule(connection, rule); },
        [state = m_state, &clock = m_clock](const AlertRule &added) {
            const std::scoped_lock lock(state->mutex);
            state->watched.insert_or_assign(added.id,
                                            Watched{ .machine = AlertMachine(added), .knownSince = clock.now() });
        });
}

async::OneShot<std::optional<Alert>> Alerts::removeRule(async::Context context, qint64 id)
{
    return m_pool.write(
        std::move(context),
        [id, now = m_clock.timestamp()](db::Connection &connection) { return store::removeRule(connection, id, now); },
        [id, state = m_state](const std::optional<Alert> &resolved) {
            {
                const std::scoped_lock lock(state->mutex);
                state->watched.erase(id);
            }
            state->tell(resolved);
        });
}

async::OneShot<QList<Alert>> Alerts::alerts(async::Context context, AlertQuery query)
{
    return m_pool.readRetrying(std::move(context),
                               [query](db::Connection &connection) { return store::alerts(connection, query); });
}

} // namespace godwit::sensors
