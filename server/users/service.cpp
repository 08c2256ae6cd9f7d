// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/users/service.h"

#include "shared/async/gather.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::users {

using async::Context;
using db::Connection;

static constexpr int overviewActivity = 10, overviewConnections = 50;

void checkId(qint64 id)
{
    if (id == 0)
        throw Error(Error::Code::InvalidArgument, u"User ID cannot be zero"_s);
    if (id < 0)
        throw Error(Error::Code::InvalidArgument, u"User ID cannot be negative"_s);
}

QCoro::Task<Overview> gatherOverview(Context context, OverviewSources sources)
{
    auto gathered
        = async::tryGather(context, sources.basic, sources.preferences, sources.activity, sources.connections);
    auto [basic, preferences, activity, connections] = co_await std::move(gathered);
    co_return Overview{ .basic = std::move(basic),
                        .preferences = std::move(preferences),
                        .recentActivity = std::move(activity),
                        .connections = std::move(connections) };
}

Service::Cache::Options Service::cacheOptions()
{
    return { .name = u"users"_s,
             .timeToLive = 300s,
             .negativeTimeToLive = 30s,
             .loadDeadline = 1s,
             .cost = [](qint64, const Account &account) { return 2 * account.name.size() + 32; } };
}

Service::Service(db::Pool &pool, Accounts &accounts, Cache::Options cache, const Clock &clock)
    : m_pool(pool),
      m_accounts(accounts),
      m_clock(clock),
      m_cache(std::make_shared<Cache>(std::move(cache), clock))
{
    accounts.addListener([cache = m_cache](const Accounts::Event &event) {
        if (event.kind == Accounts::Event::Kind::Removed)
            cache->put(event.account.id, std::nullopt); // ids are not given again
        else
            cache->put(event.account.id, event.account);
    });
}

static QCoro::Task<async::Loaded<Account>> load(db::Pool &pool, Context context, qint64 id)
{
    auto read = pool.readRetrying(context, [id](Connection &connection) { return store::get(connection, id); });
    try {
        co_return co_await std::move(read);
    } catch (const Error &error) {
        if (error.code() != Error::Code::NotFound)
            throw;
    }
    co_return std::nullopt;
}

QCoro::Task<Service::Known> Service::user(Context context, qint64 id)
{
    checkId(id);
    auto lookup = m_cache->get(context, id, [&pool = m_pool, id](const Context &own) { return load(pool, own, id); });
    auto answer = co_await std::move(lookup);
    if (!answer.value)
        throw Error(Error::Code::NotFound, u"there is no user with id %1"_s.arg(id));
    co_return Known{ .account = *std::move(answer.value), .source = answer.source };
}

QCoro::Task<std::vector<Result<Service::Known>>> Service::lookup(Context context, std::vector<qint64> ids,
                                                                 int concurrency)
{
    auto all = async::forEachConcurrent(context, std::move(ids),
                                        [this](const Context &own, qint64 id) { return user(own, id); },
                                        { .concurrency = concurrency });
    co_return co_await std::move(all);
}

static QCoro::Task<Account> basicOf(Service &service, Context context, qint64 id)
{
    co_return (co_await service.user(context, id)).account;
}

QCoro::Task<Overview> Service::overview(Context context, qint64 id)
{
    checkId(id);
    OverviewSources sources{
        .basic = [this, id](const Context &own) { return basicOf(*this, own, id); },
        .preferences = [this, id](const Context &own) { return preferences(own, id); },
        .activity = [this, id](const Context &own) { return activity(own, id, 0, overviewActivity); },
        .connections = [this, id](const Context &own) { return connections(own, id, 0, overviewConnections); },
    };
    auto gathered = gatherOverview(context, std::move(sources));
    co_return co_await std::move(gathered);
}

QCoro::Task<QJsonObject> Service::preferences(Context context, qint64 id)
{
    checkId(id);
    auto read = m_pool.readRetrying(context, [id](Connection &c) { return store::preferences(c, id); });
    co_return co_await std::move(read);
}

QCoro::Task<QJsonObject> Service::setPreferences(Context context, qint64 id, QJsonObject preferences)
{
    checkId(id);
    if (QJsonDocument(preferences).toJson(QJsonDocument::Compact).size() > mostPreferenceBytes)
        throw Error(Error::Code::FailedValidation,
                    u"preferences must not have more than %1 bytes"_s.arg(mostPreferenceBytes));
    auto written = m_pool.write(context, [id, preferences, now = m_clock.timestamp()](Connection &c) {
        store::setPreferences(c, id, preferences, now);
        return preferences;
    });
    co_return co_await std::move(written);
}

QCoro::Task<QList<Activity>> Service::activity(Context context, qint64 id, qint64 before, int limit)
{
    checkId(id);
    auto read = m_pool.readRetrying(
        context, [id, before, limit](Connection &c) { return store::activity(c, id, before, limit); });
    co_return co_await std::move(read);
}

QCoro::Task<QList<Friend>> Service::connections(Context context, qint64 id, qint64 after, int limit)
{
    checkId(id);
    auto read = m_pool.readRetrying(
        context, [id, after, limit](Connection &c) { return store::connections(c, id, after, limit); });
    co_return co_await std::move(read);
}

QCoro::Task<Friend> Service::connection(Context context, qint64 id, qint64 friendId)
{
    checkId(id);
    checkId(friendId);
    auto read
        = m_pool.readRetrying(context, [id, friendId](Connection &c) { return store::connectionTo(c, id, friendId); });
    co_return co_await std::move(read);
}

QCoro::Task<Friend> Service::connectTo(Context context, qint64 id, qint64 friendId)
{
    checkId(id);
    checkId(friendId);
    if (id == friendId)
        throw Error(Error::Code::FailedValidation, u"a user has no connection to itself"_s);
    auto written = m_pool.write(context, [id, friendId, now = m_clock.timestamp()](Connection &c) {
        return store::connectTo(c, id, friendId, now);
    });
    co_return co_await std::move(written);
}

QCoro::Task<> Service::disconnectFrom(Context context, qint64 id, qint64 friendId)
{
    checkId(id);
    checkId(friendId);
    auto written = m_pool.write(context, [id, friendId, now = m_clock.timestamp()](Connection &c) {
        store::disconnectFrom(c, id, friendId, now);
    });
    co_await std::move(written);
}

} // namespace godwit::users
