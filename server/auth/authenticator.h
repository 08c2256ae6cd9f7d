// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/liveaccounts.h"
#include "server/auth/options.h"
#include "server/auth/tickets.h"
#include "server/auth/tokencache.h"

namespace godwit::auth {

/// Finds out who somebody is by what they present, from memory alone: nothing waits, so it runs on the reactors for
/// each request. Any thread.
class Authenticator
{
    Q_DISABLE_COPY_MOVE(Authenticator)

public:
    struct Options
    {
        Mode mode = Mode::Token;
        std::chrono::milliseconds ticketLifetime{ 30'000 };
        /// With which programs of the same OS user come, as admin `local`; empty: none.
        QByteArray localToken{};
    };

    /// All must outlive this.
    Authenticator(Options options, const Keyring &keyring, LiveAccounts &accounts,
                  const Clock &clock = Clock::system());

    Mode mode() const { return m_options.mode; }
    std::chrono::milliseconds ticketLifetime() const { return m_options.ticketLifetime; }

    struct Found
    {
        std::shared_ptr<const protocol::Principal> principal; ///< shared by the requests of one token
        std::shared_ptr<const Claims> claims; ///< likewise; null: the local token
        bool isLocal() const { return !claims; }
    };
    /// What follows `Bearer`. Error::Unauthenticated with what is wrong with it.
    Result<Found> byToken(QByteArrayView token) const;
    /// A ticket, which is used up. Error::Unauthenticated.
    Result<Found> byTicket(QByteArrayView ticket);
    /// For byTicket().
    Result<QByteArray> makeTicket(const Found &holder);

    /// Whether somebody of these claims, who acted as @p principal, may go on to.
    bool isStillGood(const Claims &claims, const protocol::Principal &principal) const;

    /// Whoever gives this name, where names are believed. Error::InvalidArgument for what is no name.
    Result<std::shared_ptr<const protocol::Principal>> byName(const QString &name) const;
    /// Open mode, without a name.
    const std::shared_ptr<const protocol::Principal> &anonymous() const { return m_anonymous; }

    struct Figures
    {
        qsizetype cachedTokens = 0, tickets = 0;
        qint64 cacheHits = 0, verified = 0, refused = 0; ///< since the start
    };
    Figures figures() const;

private:
    Result<Found> verify(QByteArrayView token) const;

    const Options m_options;
    const Keyring &m_keyring;
    const LiveAccounts &m_accounts;
    const Clock &m_clock;
    mutable TokenCache m_cache;
    Tickets m_tickets;
    const std::shared_ptr<const protocol::Principal> m_local, m_anonymous; // shared with requests
    mutable std::atomic<qint64> m_hits{ 0 }, m_verified{ 0 }, m_refused{ 0 };
};

/// The token of an `Authorization: Bearer ...` (RFC 6750, 2.1); null for any other scheme.
QByteArrayView bearerToken(QByteArrayView authorization);

} // namespace godwit::auth
