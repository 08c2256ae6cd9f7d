// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/service.h"

#include <QTimer>

namespace godwit::metrics {
class Registry;
class Registrations;
} // namespace godwit::metrics

namespace godwit::app {

/// Removes `admin-password` of @p folder with the first change of that password: one that is not good any more helps
/// nobody.
void forgetFirstPassword(users::Accounts &accounts, const QString &folder);

auth::Keyring::Options keyringOptions(const QString &folder, const auth::Options &options);

/// The parts that know who is who, put together on a data folder: `auth-keys`, `local-token` and, from the first start
/// until the password is changed, `admin-password`. Lives in a thread with an event loop.
class Security
{
    Q_DISABLE_COPY_MOVE(Security)

public:
    /// Blocks, for the time of a password hash at the first start. Throws Error.
    Security(db::Pool &pool, runtime::BlockingPool &threads, const QString &folder, const auth::Options &options);

    users::Accounts &accounts() { return m_accounts; }
    auth::Service &service() { return m_service; }
    auth::Authenticator &authenticator() { return m_authenticator; }
    auth::LiveAccounts &liveAccounts() { return m_live; }
    auth::AuditLog &audit() { return m_audit; }

    void addFigures(metrics::Registry &registry) const;
    void addInspected(metrics::Registrations &inspected) const;

private:
    void makeFirstAdmin(const QString &folder);

    users::PasswordHasher m_hasher;
    users::Accounts m_accounts;
    auth::Keyring m_keyring;
    auth::LiveAccounts m_live;
    auth::AuditLog m_audit;
    auth::Service m_service;
    auth::Authenticator m_authenticator;
    QTimer m_housekeeping;
};

} // namespace godwit::app
