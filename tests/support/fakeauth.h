// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/principal.h"
#include "tests/support/fakeserver.h"

#include <QSet>

namespace godwit::test {

/// Makes a FakeServer ask for tokens as godwitd does: 401 without a good one, on every route but /api/auth/*; login,
/// rotating refresh with reuse detection, logout, and who one is. Must die before its server serves on.
class FakeAuth : public QObject
{
    Q_OBJECT

public:
    explicit FakeAuth(FakeServer &server);

    void addUser(const QString &name, const QString &password, protocol::Role role = protocol::Role::Member);
    /// A token without a login: the local one, or one of `godwitd token create`.
    void addToken(const QByteArray &token, const protocol::Principal &principal);
    void removeToken(const QByteArray &token) { m_access.remove(token); }

    /// What is told as `expires_in`.
    void setLifetime(std::chrono::seconds lifetime) { m_lifetime = lifetime; }
    /// No access token given out so far is good any more; refresh tokens are.
    void expire();
    /// New access tokens are refused as well: the server's clock is hours ahead.
    void refuseAll(bool refuse) { m_isRefusing = refuse; }
    /// Every login is over.
    void revoke();
    /// Answers the next logins with 429 and this `Retry-After`; zero: no longer.
    void throttle(std::chrono::seconds retryAfter) { m_throttled = retryAfter; }
    /// While held, refreshes wait for release().
    void hold() { m_isHolding = true; }
    void release();
    /// Answers refreshes with 503.
    void failRefreshes(bool fail) { m_isFailing = fail; }

    int refreshes() const { return m_refreshes; } ///< that were asked for
    int logins() const { return m_logins; } ///< good ones
    bool isLoggedIn() const { return !m_refresh.isEmpty(); }
    /// Of the last login.
    const QByteArray &refreshToken() const { return m_lastRefresh; }
    /// What a stream's or socket's request came as; empty if none is known.
    QString nameOf(const FakeRequest &request) const;

private:
    struct User
    {
        QString password;
        protocol::Principal principal;
    };

    bool admits(const FakeRequest &request, const FakeReply &reply);
    void logIn(const FakeRequest &request, const FakeReply &reply);
    void refresh(const FakeRequest &request, const FakeReply &reply);
    void grant(const protocol::Principal &principal, const FakeReply &reply);

    QHash<QString, User> m_users;
    QHash<QByteArray, protocol::Principal> m_access;
    QSet<QByteArray> m_granted; // of m_access, those of a login
    QHash<QByteArray, protocol::Principal> m_refresh;
    QSet<QByteArray> m_used; // refresh tokens that were rotated
    QByteArray m_lastRefresh;
    std::chrono::seconds m_lifetime{ 900 };
    std::chrono::seconds m_throttled{ 0 };
    bool m_isRefusing = false, m_isHolding = false, m_isFailing = false;
    QList<std::pair<FakeRequest, FakeReply>> m_held;
    int m_refreshes = 0, m_logins = 0, m_serial = 0;
};

} // namespace godwit::test
