// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/users/accounts.h"

#include "server/users/profilestore.h"
#include "shared/core/name.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace godwit::users {

Q_LOGGING_CATEGORY(usersLog, "godwit.users")

using async::Context;
using db::Connection;

namespace {

using Kind = Accounts::Event::Kind;

/// For what a write calls after its commit.
template<class Listeners>
auto telling(std::shared_ptr<Listeners> listeners, Kind kind, const Context &context, QString actor)
{
    Accounts::Event event{ .kind = kind, .account = {}, .actor = std::move(actor), .requestId = context.requestId };
    return [listeners = std::move(listeners), event = std::move(event)](const Account &account) mutable {
        event.account = account;
        for (const auto &listener : *listeners)
            listener(event);
    };
}

} // namespace

Result<QString> normalizedUserName(const QString &name)
{
    auto normalized = normalizedName(name, "name"_L1);
    if (!normalized)
        return normalized;
    const QString key = nameKey(*normalized);
    if (key == localName || key == anonymousName)
        return failure(Error::Code::FailedValidation, u"\"name\" must not be \"%1\""_s.arg(key));
    return normalized;
}

Accounts::Accounts(db::Pool &pool, PasswordHasher &hasher, const Clock &clock)
    : m_pool(pool),
      m_hasher(hasher),
      m_clock(clock)
{
}

void Accounts::addListener(Listener listener)
{
    m_listeners->push_back(std::move(listener));
}

QCoro::Task<Account> Accounts::create(Context context, New account)
{
    store::NewRow row{ .name = orThrow(normalizedUserName(account.name)), .role = account.role, .passwordHash = {} };
    orThrow(checkPassword(account.password));
    row.passwordHash = co_await m_hasher.hash(context, account.password);
    auto created = m_pool.write(
        context,
        [row = std::move(row), now = m_clock.timestamp()](Connection &c) { return store::create(c, row, now); },
        telling(m_listeners, Kind::Created, context, account.actor));
    co_return co_await std::move(created);
}

async::OneShot<Account> Accounts::get(Context context, qint64 id)
{
    return m_pool.readRetrying(std::move(context), [id](Connection &c) { return store::get(c, id); });
}

async::OneShot<Account> Accounts::find(Context context, QString name)
{
    return m_pool.readRetrying(std::move(context), [name = std::move(name)](Connection &c) {
        const auto found = store::find(c, name);
        if (!found)
            throw Error(Error::Code::NotFound, u"there is no user \"%1\""_s.arg(name));
        return found->account;
    });
}

async::OneShot<QList<Account>> Accounts::list(Context context, qint64 after, int limit)
{
    return m_pool.readRetrying(std::move(context),
                               [after, limit](Connection &c) { return store::list(c, after, limit); });
}

QCoro::Task<Account> Accounts::update(Context context, qint64 id, Update update)
{
    store::Change change{ .name = {}, .role = update.role, .passwordHash = {} };
    if (update.name)
        change.name = orThrow(normalizedUserName(*update.name));
    if (update.password) {
        orThrow(checkPassword(*update.password));
        change.passwordHash = co_await m_hasher.hash(context, *update.password);
    }
    const Kind kind = update.password ? Kind::PasswordChanged : Kind::Updated;
    auto updated = m_pool.write(
        context,
        [id, change = std::move(change), now = m_clock.timestamp()](Connection &c) {
            return store::update(c, id, change, now);
        },
        telling(m_listeners, kind, context, update.actor));
    co_return co_await std::move(updated);
}

async::OneShot<Account> Accounts::remove(Context context, qint64 id, QString actor)
{
    auto tell = telling(m_listeners, Kind::Removed, context, std::move(actor));
    return m_pool.write(std::move(context), [id](Connection &c) { return store::remove(c, id); }, std::move(tell));
}

bool Accounts::createFirstAdmin(const QString &password)
{
    if (!m_pool.read({}, [](Connection &c) { return store::list(c, 0, 1); }).future().result().isEmpty())
        return false;
    const store::NewRow row{ .name = u"admin"_s,
                             .role = protocol::Role::Admin,
                             .passwordHash = m_hasher.hashNow(password) };
    auto tell = telling(m_listeners, Kind::Created, {}, {});
    m_pool
        .write(
            {}, [row, now = m_clock.timestamp()](Connection &c) { return store::create(c, row, now); }, std::move(tell))
        .future()
        .waitForFinished();
    return true;
}

QCoro::Task<std::optional<Account>> Accounts::authenticate(Context context, QString name, QString password)
{
    auto looked = m_pool.read(context, [name](Connection &c) { return store::find(c, name); });
    const std::optional<Credentials> found = co_await std::move(looked);
    // Made before the co_await: GCC 12 destroys conditional temporaries in such an expression twice.
    const QByteArray hash = found ? found->passwordHash : QByteArray();
    const bool isRight = co_await m_hasher.verify(context, password, hash);
    if (!isRight)
        co_return std::nullopt;
    auto noted = m_pool.write(context, [id = found->account.id, now = m_clock.timestamp()](Connection &c) {
        store::addActivity(c, id, activity::login, {}, now);
    });
    try {
        co_await std::move(noted);
    } catch (const Error &error) { // a login does not depend on it: the user may just have gone, or the disk be full
        qCWarning(usersLog, "a login of user %lld could not be noted: %s", static_cast<long long>(found->account.id),
                  error.what());
    }
    co_return found->account;
}

} // namespace godwit::users
