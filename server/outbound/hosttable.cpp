// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/hosttable.h"

#include <algorithm>

namespace godwit::outbound {

Host::Host(const QString &name, const Options &options, int workers)
    : breaker({ .name = name, .failures = options.breakerFailures, .openFor = options.breakerOpen })
{
    // The remainder goes to the first, so that all together are what was asked for; none has less than one.
    for (int i = 0; i < workers; ++i) {
        const int share = options.connectionsPerHost / workers + (i < options.connectionsPerHost % workers ? 1 : 0);
        places.push_back(std::make_unique<async::Bulkhead>(
            async::Bulkhead::Options{ .name = name, .concurrency = std::max(1, share), .queue = options.queue }));
    }
}

std::shared_ptr<Host> HostTable::of(const QString &name)
{
    const std::lock_guard lock(m_mutex);
    std::shared_ptr<Host> &host = m_hosts[name];
    if (!host)
        host = std::make_shared<Host>(name, m_options, m_workers);
    host->usedAt = ++m_uses;
    const std::shared_ptr<Host> found = host; // in use from here on
    if (m_hosts.size() > mostHosts)
        forgetOne();
    return found;
}

std::shared_ptr<Host> HostTable::find(const QString &name) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_hosts.find(name);
    return found == m_hosts.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Host>> HostTable::all() const
{
    std::vector<std::shared_ptr<Host>> hosts;
    const std::lock_guard lock(m_mutex);
    hosts.reserve(m_hosts.size());
    for (const auto &[name, host] : m_hosts)
        hosts.push_back(host);
    std::sort(hosts.begin(), hosts.end(), [](const auto &a, const auto &b) { return a->usedAt > b->usedAt; });
    return hosts;
}

size_t HostTable::size() const
{
    const std::lock_guard lock(m_mutex);
    return m_hosts.size();
}

/// With the lock. If all are in use the table grows: by the requests in flight at most, which are bounded.
void HostTable::forgetOne()
{
    auto oldest = m_hosts.end();
    for (auto host = m_hosts.begin(); host != m_hosts.end(); ++host) {
        const bool isFree = host->second.use_count() == 1;
        if (isFree && (oldest == m_hosts.end() || host->second->usedAt < oldest->second->usedAt))
            oldest = host;
    }
    if (oldest != m_hosts.end())
        m_hosts.erase(oldest);
}

} // namespace godwit::outbound
