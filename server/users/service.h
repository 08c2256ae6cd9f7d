// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/users/accounts.h"
#include "server/users/profilestore.h"
#include "shared/async/ttlcache.h"

#include <vector>

namespace godwit::users {

/// All about a user, as one page shows it.
struct Overview
{
    Account basic;
    QJsonObject preferences;
    QList<Activity> recentActivity; ///< the last ten
    QList<Friend> connections; ///< the first fifty
};

/// Where the parts of an overview come from.
struct OverviewSources
{
    std::function<QCoro::Task<Account>(const async::Context &)> basic;
    std::function<QCoro::Task<QJsonObject>(const async::Context &)> preferences;
    std::function<QCoro::Task<QList<Activity>>(const async::Context &)> activity;
    std::function<QCoro::Task<QList<Friend>>(const async::Context &)> connections;
};

/// All of them at the same time; the first failure stops the others and is thrown when they have ended.
QCoro::Task<Overview> gatherOverview(async::Context context, OverviewSources sources);

/// Users and what belongs to them, through a cache: a read asks it, then the database, and fills it (cache-aside); a
/// change goes to the database first and then to the cache (write-through), in the order of the commits, whoever made
/// it through Accounts. Who wants to know of changes (that a user is gone) listens to Accounts. A front: all functions
/// from any thread with an event loop.
class Service
{
public:
    using Cache = async::TtlCache<qint64, Account>;
    static Cache::Options cacheOptions();

    /// Before the first change of an account. All must outlive this.
    Service(db::Pool &pool, Accounts &accounts, Cache::Options cache = cacheOptions(),
            const Clock &clock = Clock::system());

    struct Known
    {
        Account account;
        Cache::Source source = Cache::Source::Hit;
    };
    /// Error::InvalidArgument for an id below 1; Error::NotFound. The database is asked again where it failed in
    /// passing.
    QCoro::Task<Known> user(async::Context context, qint64 id);
    /// A result for each id, in their order, at most @p concurrency looked up at a time.
    QCoro::Task<std::vector<Result<Known>>> lookup(async::Context context, std::vector<qint64> ids, int concurrency);
    QCoro::Task<Overview> overview(async::Context context, qint64 id);

    Accounts &accounts() { return m_accounts; }

    /// Those below fail with Error::InvalidArgument for an id below 1, and with Error::NotFound where there is no user
    /// of that id.
    QCoro::Task<QJsonObject> preferences(async::Context context, qint64 id);
    /// Error::FailedValidation for more than mostPreferenceBytes as JSON.
    QCoro::Task<QJsonObject> setPreferences(async::Context context, qint64 id, QJsonObject preferences);
    QCoro::Task<QList<Activity>> activity(async::Context context, qint64 id, qint64 before, int limit);
    QCoro::Task<QList<Friend>> connections(async::Context context, qint64 id, qint64 after, int limit);
    QCoro::Task<Friend> connection(async::Context context, qint64 id, qint64 friendId);
    QCoro::Task<Friend> connectTo(async::Context context, qint64 id, qint64 friendId); ///< FailedValidation: oneself
    QCoro::Task<> disconnectFrom(async::Context context, qint64 id, qint64 friendId);

    static constexpr qsizetype mostPreferenceBytes = 16 * 1024;

    Cache &cache() { return *m_cache; }

private:
    db::Pool &m_pool;
    Accounts &m_accounts;
    const Clock &m_clock;
    const std::shared_ptr<Cache> m_cache; // shared with the listener, which runs on the writer's thread
};

/// Error::InvalidArgument for what is no id of a user.
void checkId(qint64 id);

} // namespace godwit::users
