// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/liveaccounts.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::auth {

Result<protocol::Principal> LiveAccounts::principalOf(const Claims &claims) const
{
    const std::shared_lock lock(m_mutex);
    const auto found = m_accounts.constFind(claims.userId);
    if (found == m_accounts.cend())
        return failure(Error::Code::Unauthenticated, u"the token's user was removed"_s);
    if (m_endedSessions.contains(claims.session))
        return failure(Error::Code::Unauthenticated, u"the token was revoked"_s);
    if (claims.generation != 0 && claims.generation != found->generation)
        return failure(Error::Code::Unauthenticated, u"the token's user was changed"_s);
    protocol::Principal principal = found->principal;
    principal.role = std::min(principal.role, claims.role);
    return principal;
}

void LiveAccounts::set(const users::Account &account)
{
    {
        const std::unique_lock lock(m_mutex);
        m_accounts.insert(account.id,
                          { .generation = account.generation,
                            .principal = { .userId = account.id, .name = account.name, .role = account.role } });
        m_changes.fetch_add(1, std::memory_order_release);
    }
    changed();
}

void LiveAccounts::remove(qint64 userId)
{
    {
        const std::unique_lock lock(m_mutex);
        m_accounts.remove(userId);
        m_changes.fetch_add(1, std::memory_order_release);
    }
    changed();
}

void LiveAccounts::endSession(const QByteArray &session, Timestamp until)
{
    {
        const std::unique_lock lock(m_mutex);
        m_endedSessions.insert(session, until);
        m_changes.fetch_add(1, std::memory_order_release);
    }
    changed();
}

void LiveAccounts::forgetBefore(Timestamp now)
{
    const std::unique_lock lock(m_mutex);
    m_endedSessions.removeIf([now](auto session) { return session.value() <= now; });
}

void LiveAccounts::setListener(std::function<void()> listener)
{
    const std::scoped_lock lock(m_listenerMutex);
    m_listener = std::move(listener);
}

void LiveAccounts::changed()
{
    const std::scoped_lock lock(m_listenerMutex);
    if (m_listener)
        m_listener();
}

LiveAccounts::Figures LiveAccounts::figures() const
{
    const std::shared_lock lock(m_mutex);
    return { .accounts = m_accounts.size(), .endedSessions = m_endedSessions.size() };
}

} // namespace godwit::auth
