// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"
#include "server/users/passwordhasher.h"
#include "server/users/store.h"

#include <functional>

namespace godwit::users {

/// Who there is, and how they prove it. All changes of accounts go through here: whoever watches is told of them at
/// once, so that a user who was removed stays no longer logged in. A front: all functions from any thread with an event
/// loop.
class Accounts
{
public:
    struct New
    {
        QString name;
        QString password;
        protocol::Role role = protocol::Role::Viewer;
        QString actor{}; ///< who does it, for the audit log
    };
    /// What is not named stays.
    struct Update
    {
        std::optional<QString> name{};
        std::optional<QString> password{};
        std::optional<protocol::Role> role{};
        QString actor{}; ///< who does it, for the audit log
    };
    struct Event
    {
        enum class Kind { Created, Updated, PasswordChanged, Removed };
        Kind kind = Kind::Updated;
        Account account;
        QString actor{};
        QByteArray requestId{};
    };
    /// Runs on the database's writer thread after the commit, in the order of the commits: short, without exceptions.
    using Listener = std::function<void(const Event &)>;

    /// All must outlive this.
    Accounts(db::Pool &pool, PasswordHasher &hasher, const Clock &clock = Clock::system());

    /// Before the first change.
    void addListener(Listener listener);

    /// @throws Error: InvalidArgument or FailedValidation for a name or password that is none, Conflict for a name that
    /// is taken.
    QCoro::Task<Account> create(async::Context context, New account);
    async::OneShot<Account> get(async::Context context, qint64 id); ///< Error::NotFound
    /// By name, in whatever case. Error::NotFound.
    async::OneShot<Account> find(async::Context context, QString name);
    async::OneShot<QList<Account>> list(async::Context context, qint64 after, int limit);
    /// As create(); Error::Conflict also where no admin would be left. Access tokens of before stop working; a new
    /// password ends the logins too.
    QCoro::Task<Account> update(async::Context context, qint64 id, Update update);
    /// Error::Conflict for the last admin. @return who it was.
    async::OneShot<Account> remove(async::Context context, qint64 id, QString actor = {});

    /// The first admin of an empty table, with @p password; false if there is anybody. Blocks: for the start.
    bool createFirstAdmin(const QString &password);

    /// Nothing for an unknown user or a wrong password, after the same work. A right one is noted in the user's
    /// activity.
    QCoro::Task<std::optional<Account>> authenticate(async::Context context, QString name, QString password);

private:
    using Listeners = std::vector<Listener>;

    db::Pool &m_pool;
    PasswordHasher &m_hasher;
    const Clock &m_clock;
    std::shared_ptr<Listeners> m_listeners = std::make_shared<Listeners>(); // shared with the writes under way
};

/// normalizedName() without the names that the server gives to those who have no account.
Result<QString> normalizedUserName(const QString &name);

inline constexpr char16_t localName[] = u"local"; ///< a program of the same user of this machine
inline constexpr char16_t anonymousName[] = u"anonymous"; ///< open mode, without a name

} // namespace godwit::users
