// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/app/datafolder.h"
#include "server/auth/service.h"
#include "server/config/config.h"
#include "shared/client/apiclient.h"

#include <QCoroTask>

#include <variant>

namespace godwit::app {

/// The accounts of a data folder that no daemon has, for this process alone. Does not make the folder's first admin.
class OfflineAccounts
{
    Q_DISABLE_COPY_MOVE(OfflineAccounts)

public:
    /// Blocks. Throws Error.
    OfflineAccounts(DataFolder folder, const config::Config &config);

    users::Accounts &accounts() { return m_accounts; }
    auth::Service &service() { return m_service; }
    /// As the daemon names the programs of its own user.
    static QString actor() { return QString::fromUtf16(users::localName); }

private:
    DataFolder m_folder;
    db::Pool m_pool;
    runtime::BlockingPool m_threads;
    users::PasswordHasher m_hasher;
    users::Accounts m_accounts;
    auth::Keyring m_keyring;
    auth::LiveAccounts m_live;
    auth::AuditLog m_audit;
    auth::Service m_service;
};

/// Where `godwitd user` and `godwitd token` work: the data folder, or the daemon that has it, to whom they come with
/// its local token.
using AccountSite = std::variant<std::unique_ptr<OfflineAccounts>, std::unique_ptr<client::ApiClient>>;

/// Blocks. Throws Error; Conflict where another process has the folder and does not say where it listens.
AccountSite openAccountSite(const config::Config &config);

/// What @p task throws, in its Result: QCoro 0.8's waitFor() waits for ever where a task throws.
template<class T>
QCoro::Task<Result<T>> caught(QCoro::Task<T> task)
{
    try {
        co_return co_await std::move(task);
    } catch (const Error &error) {
        co_return Failure(error);
    }
}

} // namespace godwit::app
