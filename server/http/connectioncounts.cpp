// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/connectioncounts.h"

#include <QtEndian>

namespace godwit::http {

namespace {

/// IPv4 whole, IPv6 by its /64: that is what one customer is given.
quint64 keyOf(const QHostAddress &address)
{
    bool isIpv4 = false;
    const quint32 ipv4 = address.toIPv4Address(&isIpv4); // also from ::ffff:a.b.c.d
    if (isIpv4)
        return ipv4;
    const Q_IPV6ADDR ipv6 = address.toIPv6Address();
    const auto network = qFromBigEndian<quint64>(ipv6.c);
    // ::1 and its like have nothing in the network half, where IPv4 keys are.
    return network ? network : ~qFromBigEndian<quint64>(ipv6.c + 8);
}

} // namespace

ConnectionCounts::Lease::Lease(std::shared_ptr<ConnectionCounts> counts, std::optional<quint64> key)
    : m_counts(std::move(counts)),
      m_key(key)
{
}

ConnectionCounts::Lease::~Lease()
{
    if (!m_counts)
        return;
    m_counts->m_total.fetch_sub(1, std::memory_order_relaxed);
    if (!m_key)
        return;
    Shard &shard = m_counts->shardOf(*m_key);
    const std::lock_guard lock(shard.mutex);
    if (--shard.counts[*m_key] == 0)
        shard.counts.remove(*m_key);
}

std::optional<ConnectionCounts::Lease> ConnectionCounts::tryAdd(const QHostAddress &address, const Limits &limits)
{
    std::optional<quint64> key;
    if (m_total.fetch_add(1, std::memory_order_relaxed) >= limits.connections) {
        m_total.fetch_sub(1, std::memory_order_relaxed);
        m_refused.fetch_add(1, std::memory_order_relaxed);
        return std::nullopt;
    }
    if (!address.isNull() && limits.connectionsPerAddress > 0) {
        key = keyOf(address);
        Shard &shard = shardOf(*key);
        const std::lock_guard lock(shard.mutex);
        int &count = shard.counts[*key];
        if (count >= limits.connectionsPerAddress) {
            m_total.fetch_sub(1, std::memory_order_relaxed);
            m_refused.fetch_add(1, std::memory_order_relaxed);
            return std::nullopt;
        }
        ++count;
    }
    return Lease(shared_from_this(), key);
}

} // namespace godwit::http
