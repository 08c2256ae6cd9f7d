// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/outbound/options.h"
#include "shared/async/bulkhead.h"
#include "shared/async/circuitbreaker.h"
#include "shared/async/retry.h"

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace godwit::outbound {

/// What one host is guarded by. Any thread.
struct Host
{
    Host(const QString &name, const Options &options, int workers);

    async::CircuitBreaker breaker;
    async::RetryBudget budget;
    /// One for each worker, with its share of the places: Qt opens a connection for a request that finds none free, so
    /// what is in flight bounds them.
    std::vector<std::unique_ptr<async::Bulkhead>> places;
    std::atomic<unsigned> turn{ 0 }; ///< whose worker the next request goes to
    quint64 usedAt = 0; ///< the table's
};

/// The hosts that have been asked, at most so many: who is not in use and was used least recently is forgotten first,
/// with its breaker. A table behind a short lock; any thread.
class HostTable
{
public:
    static constexpr size_t mostHosts = 1'024;

    HostTable(const Options &options, int workers) : m_options(options), m_workers(workers) { }

    /// @param name `example.com:443`.
    std::shared_ptr<Host> of(const QString &name);
    /// Null if it is not known.
    std::shared_ptr<Host> find(const QString &name) const;
    /// Those used last first.
    std::vector<std::shared_ptr<Host>> all() const;
    size_t size() const;

private:
    void forgetOne();

    const Options &m_options;
    const int m_workers;
    mutable std::mutex m_mutex; // guards all below
    std::unordered_map<QString, std::shared_ptr<Host>> m_hosts; // shared with the calls in flight
    quint64 m_uses = 0;
};

} // namespace godwit::outbound
