// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/usercommand.h"

#include "server/app/accountsite.h"
#include "server/app/terminal.h"
#include "shared/core/name.h"

#include <QLoggingCategory>

#include <cstdio>

using namespace Qt::StringLiterals;

namespace godwit::app {

namespace {

using UserAction = Arguments::UserRequest::Action;
using protocol::Role;

constexpr int pageSize = 1000; // users; the most that the API gives at once

struct Listed
{
    qint64 id = 0;
    QString name{};
    QString role{};
};

/// Where the accounts are. All functions block and throw Error.
class Users
{
public:
    virtual ~Users() = default;
    virtual void add(const QString &name, const QString &password, Role role) = 0;
    virtual void setPassword(qint64 id, const QString &password) = 0;
    virtual void setRole(qint64 id, Role role) = 0;
    virtual void remove(qint64 id) = 0;
    /// In order of their ids, behind @p after; the last page has fewer than pageSize.
    virtual QList<Listed> page(qint64 after) = 0;

    template<class Visit>
    void forEach(Visit visit)
    {
        qint64 last = 0;
        for (qsizetype got = pageSize; got == pageSize;) {
            const QList<Listed> users = page(last);
            for (const Listed &user : users)
                visit(user);
            got = users.size();
            last = users.isEmpty() ? last : users.last().id;
        }
    }
    qint64 idOf(const QString &name)
    {
        const QString key = nameKey(orThrow(normalizedName(name, "name"_L1)));
        qint64 id = 0;
        forEach([&](const Listed &user) {
            if (nameKey(user.name) == key)
                id = user.id;
        });
        if (id == 0)
            throw Error(Error::Code::NotFound, u"there is no user \"%1\""_s.arg(name));
        return id;
    }
};

/// In a data folder that no daemon has.
class UsersHere final : public Users
{
public:
    explicit UsersHere(OfflineAccounts &site) : m_accounts(site.accounts()) { }

    void add(const QString &name, const QString &password, Role role) override
    {
        // The daemon makes an admin only where there is nobody.
        if (role != Role::Admin && page(0).isEmpty())
            throw Error(Error::Code::Conflict, u"the first user must be an admin"_s);
        users::Accounts::New account{
            .name = name, .password = password, .role = role, .actor = OfflineAccounts::actor()
        };
        orThrow(QCoro::waitFor(caught(m_accounts.create({}, std::move(account)))));
    }
    void setPassword(qint64 id, const QString &password) override { update(id, { .password = password }); }
    void setRole(qint64 id, Role role) override { update(id, { .role = role }); }
    void remove(qint64 id) override { m_accounts.remove({}, id, OfflineAccounts::actor()).future().result(); }
    QList<Listed> page(qint64 after) override
    {
        QList<Listed> listed;
        const auto accounts = m_accounts.list({}, after, pageSize).future().result();
        for (const users::Account &account : accounts)
            listed.append({ .id = account.id, .name = account.name, .role = protocol::toString(account.role) });
        return listed;
    }

private:
    void update(qint64 id, users::Accounts::Update update)
    {
        update.actor = OfflineAccounts::actor();
        orThrow(QCoro::waitFor(caught(m_accounts.update({}, id, std::move(update)))));
    }

    users::Accounts &m_accounts;
};

/// At the daemon that has the data folder, with its local token.
class UsersThere final : public Users
{
public:
    explicit UsersThere(client::ApiClient &api) : m_api(api) { }

    void add(const QString &name, const QString &password, Role role) override
    {
        orThrow(QCoro::waitFor(m_api.post(
            path(), { { "name"_L1, name }, { "password"_L1, password }, { "role"_L1, protocol::toString(role) } })));
    }
    void setPassword(qint64 id, const QString &password) override
    {
        orThrow(QCoro::waitFor(m_api.patch(path(id), { { "password"_L1, password } })));
    }
    void setRole(qint64 id, Role role) override
    {
        orThrow(QCoro::waitFor(m_api.patch(path(id), { { "role"_L1, protocol::toString(role) } })));
    }
    void remove(qint64 id) override { orThrow(QCoro::waitFor(m_api.remove(path(id)))); }
    QList<Listed> page(qint64 after) override
    {
        const QUrlQuery query{ { u"after"_s, QString::number(after) }, { u"limit"_s, QString::number(pageSize) } };
        const client::Answer answer = orThrow(QCoro::waitFor(m_api.get(path(), query)));
        QList<Listed> listed;
        const QJsonArray items = answer.object()["items"_L1].toArray();
        for (const auto &user : items)
            listed.append({ .id = user["id"_L1].toInteger(),
                            .name = user["name"_L1].toString(),
                            .role = user["role"_L1].toString() });
        return listed;
    }

private:
    static QString path() { return u"/api/users"_s; }
    static QString path(qint64 id) { return path() + u'/' + QString::number(id); }

    client::ApiClient &m_api;
};

std::unique_ptr<Users> usersAt(const AccountSite &site)
{
    if (const auto *here = std::get_if<std::unique_ptr<OfflineAccounts>>(&site))
        return std::make_unique<UsersHere>(**here);
    return std::make_unique<UsersThere>(*std::get<std::unique_ptr<client::ApiClient>>(site));
}

} // namespace

int manageUsers(const Arguments::UserRequest &request, const config::Loaded &loaded)
{
    QLoggingCategory::setFilterRules(u"godwit.audit.info=false"_s); // the table has it
    // Before the folder is opened: nobody else is to wait for who types.
    QString password;
    if (request.action == UserAction::Add || request.action == UserAction::Passwd)
        password = orThrow(readPassword());
    const AccountSite site = openAccountSite(loaded.config);
    const auto users = usersAt(site);
    switch (request.action) {
    case UserAction::Add:
        users->add(request.name, password, request.role);
        break;
    case UserAction::Passwd:
        users->setPassword(users->idOf(request.name), password);
        break;
    case UserAction::Role:
        users->setRole(users->idOf(request.name), request.role);
        break;
    case UserAction::Remove:
        users->remove(users->idOf(request.name));
        break;
    case UserAction::List:
        users->forEach([](const Listed &user) {
            std::printf("%-8s  %s\n", qUtf8Printable(user.role), qUtf8Printable(user.name));
        });
        break;
    }
    return 0;
}

} // namespace godwit::app
