// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/jwt.h"
#include "server/users/accounts.h"

#include <QHash>

#include <atomic>
#include <functional>
#include <mutex>
#include <shared_mutex>

namespace godwit::auth {

/// Whose tokens are good at this moment: all accounts, and the sessions that were ended before their tokens expire. So
/// who was removed, changed or logged out is so at once, although a token needs no look into the database.
///
/// A table behind a lock that readers share, and a counter of its changes: whoever has found a token good need not look
/// again until the counter has moved on.
class LiveAccounts
{
public:
    /// Moves on with every change. Read before isGood(), kept with what it said.
    quint64 changes() const { return m_changes.load(std::memory_order_acquire); }

    /// As whom a token's bearer acts now, or Error::Unauthenticated with why not.
    Result<protocol::Principal> principalOf(const Claims &claims) const;

    void set(const users::Account &account);
    void remove(qint64 userId);
    /// @p until: when the last token of it has expired.
    void endSession(const QByteArray &session, Timestamp until);
    /// Forgets sessions whose tokens have expired by themselves.
    void forgetBefore(Timestamp now);

    /// Is told after each change, on whatever thread makes it: short. Lasts until another, or none, takes its place;
    /// when setListener() returns, the one before is not being told any more.
    void setListener(std::function<void()> listener);

    struct Figures
    {
        qsizetype accounts = 0, endedSessions = 0;
    };
    Figures figures() const;

private:
    void changed();

    struct Entry
    {
        qint64 generation;
        protocol::Principal principal;
    };

    std::atomic<quint64> m_changes{ 1 };
    mutable std::shared_mutex m_mutex;
    QHash<qint64, Entry> m_accounts;
    QHash<QByteArray, Timestamp> m_endedSessions;
    std::mutex m_listenerMutex;
    std::function<void()> m_listener;
};

} // namespace godwit::auth
