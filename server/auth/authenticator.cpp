// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/authenticator.h"

#include "server/auth/secrets.h"
#include "shared/core/name.h"

using namespace Qt::StringLiterals;

namespace godwit::auth {

using protocol::Principal;
using protocol::Role;

static std::shared_ptr<const Principal> makeAdmin(QString name)
{
    return std::make_shared<const Principal>(Principal{ .userId = 0, .name = std::move(name), .role = Role::Admin });
}

Authenticator::Authenticator(Options options, const Keyring &keyring, LiveAccounts &accounts, const Clock &clock)
    : m_options(std::move(options)),
      m_keyring(keyring),
      m_accounts(accounts),
      m_clock(clock),
      m_tickets({ .lifetime = m_options.ticketLifetime }),
      m_local(makeAdmin(QString::fromUtf16(users::localName))),
      m_anonymous(makeAdmin(QString::fromUtf16(users::anonymousName)))
{
}

Result<Authenticator::Found> Authenticator::byToken(QByteArrayView token) const
{
    if (token.startsWith("gwl_")) {
        if (!m_options.localToken.isEmpty() && isSameSecret(token, m_options.localToken))
            return Found{ .principal = m_local, .claims = {} };
        m_refused.fetch_add(1, std::memory_order_relaxed);
        return failure(Error::Code::Unauthenticated, u"the local token is of another start of the server"_s);
    }
    if (token.size() <= jwt::longestToken) {
        const auto cached = m_cache.find(token);
        if (cached && cached->changes == m_accounts.changes() && m_clock.timestamp() < cached->claims->expiresAt) {
            m_hits.fetch_add(1, std::memory_order_relaxed);
            return Found{ .principal = cached->principal, .claims = cached->claims };
        }
    }
    return verify(token);
}

Result<Authenticator::Found> Authenticator::verify(QByteArrayView token) const
{
    if (token.isEmpty()) { // another scheme, such as Basic
        m_refused.fetch_add(1, std::memory_order_relaxed);
        return failure(Error::Code::Unauthenticated, u"Authorization must be Bearer, a space, and a token"_s);
    }
    const quint64 changes = m_accounts.changes(); // before anything is looked at
    m_verified.fetch_add(1, std::memory_order_relaxed);
    const auto claims = jwt::verify(token, m_keyring, m_clock.timestamp());
    const auto principal = claims ? m_accounts.principalOf(*claims) : Failure(claims.error());
    if (!principal) {
        m_refused.fetch_add(1, std::memory_order_relaxed);
        if (claims)
            m_cache.remove(token);
        return Failure(principal.error());
    }
    Found found{ .principal = std::make_shared<const Principal>(*principal),
                 .claims = std::make_shared<const Claims>(*claims) };
    m_cache.put(token, { .claims = found.claims, .principal = found.principal, .changes = changes });
    return found;
}

Result<Authenticator::Found> Authenticator::byTicket(QByteArrayView ticket)
{
    auto holder = m_tickets.redeem(ticket, m_clock.now());
    if (!holder) {
        m_refused.fetch_add(1, std::memory_order_relaxed);
        return failure(Error::Code::Unauthenticated, u"the ticket is unknown, too old or was used"_s);
    }
    if (holder->claims) { // it may have expired, they may have been removed since
        if (m_clock.timestamp() >= holder->claims->expiresAt) {
            m_refused.fetch_add(1, std::memory_order_relaxed);
            return failure(Error::Code::Unauthenticated, u"the token that the ticket was made with has expired"_s);
        }
        const auto principal = m_accounts.principalOf(*holder->claims);
        if (!principal)
            return Failure(principal.error());
        if (*principal != *holder->principal) // they may do less now
            holder->principal = std::make_shared<const Principal>(*principal);
    }
    return Found{ .principal = std::move(holder->principal), .claims = std::move(holder->claims) };
}

Result<QByteArray> Authenticator::makeTicket(const Found &holder)
{
    return m_tickets.make({ .principal = holder.principal, .claims = holder.claims }, m_clock.now());
}

bool Authenticator::isStillGood(const Claims &claims, const Principal &principal) const
{
    const auto now = m_accounts.principalOf(claims);
    return now && now->role >= principal.role;
}

Result<std::shared_ptr<const Principal>> Authenticator::byName(const QString &name) const
{
    auto normalized = normalizedName(name, "user"_L1);
    if (!normalized)
        return Failure(normalized.error());
    return makeAdmin(*std::move(normalized));
}

QByteArrayView bearerToken(QByteArrayView authorization)
{
    constexpr qsizetype length = 7; // schemes know no case (RFC 9110, 11.1)
    if (authorization.size() <= length || authorization.first(length).compare("Bearer ", Qt::CaseInsensitive) != 0)
        return {};
    return authorization.sliced(length).trimmed();
}

Authenticator::Figures Authenticator::figures() const
{
    return { .cachedTokens = m_cache.size(),
             .tickets = m_tickets.size(),
             .cacheHits = m_hits.load(std::memory_order_relaxed),
             .verified = m_verified.load(std::memory_order_relaxed),
             .refused = m_refused.load(std::memory_order_relaxed) };
}

} // namespace godwit::auth
