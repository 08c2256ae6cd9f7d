// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"
#include "server/sensors/alertmachine.h"
#include "server/sensors/alertstore.h"
#include "server/sensors/history.h"

#include <functional>
#include <map>

namespace godwit::sensors {

/// The rules, where each stands, and what has fired. What fires is on disk before anybody is told; what fires at a
/// restart fires still. A front: all functions from any thread but where it is said otherwise.
class Alerts
{
public:
    /// Runs on the database's writer thread after the commit, in the order of the commits: short, without exceptions.
    using Listener = std::function<void(const Alert &)>;

    /// All must outlive this; the pool has to come to rest before they go.
    Alerts(db::Pool &pool, const History &history, std::chrono::milliseconds staleAfter, const Clock &clock);
    ~Alerts(); ///< nobody is told any more

    /// Of each alert that fires, and of each that is resolved. Before start().
    void addListener(Listener listener);

    /// Reads the rules. Blocks.
    void start();
    /// Looks at every rule. Blocks; from one thread at a time. A failure goes to the log, and the rule stays where it
    /// was until the next turn.
    void turn();

    struct Standing
    {
        AlertRule rule;
        AlertMachine::State state;
    };
    QList<Standing> rules() const; ///< in order of their ids

    /// Error::Conflict for one rule too many.
    async::OneShot<AlertRule> addRule(async::Context context, AlertRule rule);
    /// Resolves its alert. Error::NotFound.
    async::OneShot<std::optional<Alert>> removeRule(async::Context context, qint64 id);
    async::OneShot<QList<Alert>> alerts(async::Context context, AlertQuery query);

private:
    struct Watched
    {
        AlertMachine machine;
        TimePoint knownSince; // silence begins here at the earliest
    };
    struct State;

    Observation observe(const Watched &watched) const;
    void step(qint64 id);

    db::Pool &m_pool;
    const History &m_history;
    const std::chrono::milliseconds m_staleAfter;
    const Clock &m_clock;
    const std::shared_ptr<State> m_state; // shared with the writes under way
    std::optional<TimePoint> m_prunedAt;
};

} // namespace godwit::sensors
