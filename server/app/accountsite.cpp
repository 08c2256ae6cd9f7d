// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/accountsite.h"

#include "server/app/security.h"
#include "server/db/migrations.h"
#include "shared/client/localtoken.h"

using namespace Qt::StringLiterals;

namespace godwit::app {

OfflineAccounts::OfflineAccounts(DataFolder folder, const config::Config &config)
    : m_folder(std::move(folder)),
      m_pool(config.database),
      m_threads(config.runtime),
      m_hasher(m_threads),
      m_accounts(m_pool, m_hasher),
      m_keyring(keyringOptions(m_folder.path(), config.auth)),
      m_audit(m_pool),
      m_service({ .pool = m_pool, .accounts = m_accounts, .keyring = m_keyring, .live = m_live, .audit = m_audit },
                config.auth)
{
    db::migrate(m_pool);
    forgetFirstPassword(m_accounts, m_folder.path());
    m_service.load();
}

AccountSite openAccountSite(const config::Config &config)
{
    const QString &path = config.server.data;
    auto folder = DataFolder::open(path);
    if (folder) {
        DataFolder::hideDatabase(path);
        return std::make_unique<OfflineAccounts>(std::move(*folder), config);
    }
    if (folder.error().code() != Error::Code::Conflict)
        throw Error(folder.error());
    const QUrl server(DataFolder::announcedUrl(path));
    if (server.isEmpty()) // it begins or ends
        throw Error(folder.error());
    auto api = std::make_unique<client::ApiClient>(server);
    api->setToken(orThrow(client::LocalToken(server, path).read()));
    return api;
}

} // namespace godwit::app
