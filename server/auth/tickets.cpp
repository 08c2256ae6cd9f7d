// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/tickets.h"

#include "server/auth/secrets.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::auth {

Result<QByteArray> Tickets::make(Holder holder, TimePoint now)
{
    QByteArray ticket = "gwk_" + toBase64Url(randomBytes(32));
    const std::scoped_lock lock(m_mutex);
    forgetOld(now);
    // Whatever their role: it may have changed since.
    const auto isTheirs = [&holder](const Entry &entry) {
        return entry.holder.principal->userId == holder.principal->userId
            && entry.holder.principal->name == holder.principal->name;
    };
    const qsizetype theirs = std::count_if(m_tickets.cbegin(), m_tickets.cend(), isTheirs);
    if (m_tickets.size() >= m_options.most || theirs >= m_options.mostOfAUser) {
        const bool isOfAll = m_tickets.size() >= m_options.most;
        return Failure(Error(Error::Code::ResourceExhausted, u"there are too many tickets that nobody has used"_s)
                           .withDecider({ .kind = Decider::Kind::RateLimit,
                                          .name = u"tickets"_s,
                                          .limit = double(isOfAll ? m_options.most : m_options.mostOfAUser),
                                          .used = double(isOfAll ? m_tickets.size() : theirs),
                                          .retryAfter = m_options.lifetime }));
    }
    m_tickets.insert(ticket, { .holder = std::move(holder), .goodUntil = now + m_options.lifetime });
    return ticket;
}

std::optional<Tickets::Holder> Tickets::redeem(QByteArrayView ticket, TimePoint now)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_tickets.find(ticket.toByteArray());
    if (found == m_tickets.end())
        return {};
    Entry entry = std::move(*found);
    m_tickets.erase(found);
    if (now >= entry.goodUntil)
        return {};
    return std::move(entry.holder);
}

/// With the lock.
void Tickets::forgetOld(TimePoint now)
{
    m_tickets.removeIf([now](auto ticket) { return now >= ticket.value().goodUntil; });
}

qsizetype Tickets::size() const
{
    const std::scoped_lock lock(m_mutex);
    return m_tickets.size();
}

} // namespace godwit::auth
