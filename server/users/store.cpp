// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/users/store.h"

#include "server/users/profilestore.h"
#include "shared/core/name.h"

using namespace Qt::StringLiterals;

namespace godwit::users::store {

#define GODWIT_USER_COLUMNS u"id, name, role, generation, created_at, updated_at"

Timestamp toTime(const QVariant &ms)
{
    return Timestamp(std::chrono::milliseconds(ms.toLongLong()));
}

namespace {

Account read(const QSqlQuery &row)
{
    return { .id = row.value(0).toLongLong(),
             .name = row.value(1).toString(),
             .role = protocol::roleFrom(row.value(2).toString()).value_or(protocol::Role::Viewer),
             .generation = row.value(3).toLongLong(),
             .createdAt = toTime(row.value(4)),
             .updatedAt = toTime(row.value(5)) };
}

void refuseTakenName(db::Connection &connection, const QString &name, qint64 exceptId)
{
    QSqlQuery &row
        = connection.execute(u"SELECT name FROM users WHERE name_key = ? AND id <> ?", { nameKey(name), exceptId });
    if (row.next())
        throw Error(Error::Code::Conflict, u"there is a user \"%1\" already"_s.arg(row.value(0).toString()));
}

void refuseLastAdmin(db::Connection &connection, const Account &account)
{
    if (account.role != protocol::Role::Admin)
        return;
    QSqlQuery &row
        = connection.execute(u"SELECT 1 FROM users WHERE role = 'admin' AND id <> ? LIMIT 1", { account.id });
    if (!row.next())
        throw Error(Error::Code::Conflict, u"\"%1\" is the last admin"_s.arg(account.name));
}

} // namespace

Account create(db::Connection &connection, const NewRow &row, Timestamp now)
{
    refuseTakenName(connection, row.name, 0);
    const qint64 at = now.time_since_epoch().count();
    QSqlQuery &created = connection.execute(
        u"INSERT INTO users (name, name_key, role, password_hash, created_at, updated_at) "
        "VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        { row.name, nameKey(row.name), protocol::toString(row.role), QString::fromLatin1(row.passwordHash), at, at });
    created.next();
    const qint64 id = created.value(0).toLongLong();
    created.finish(); // one that is still open stops the COMMIT
    addActivity(connection, id, activity::accountCreated, {}, now);
    return { .id = id, .name = row.name, .role = row.role, .generation = 1, .createdAt = now, .updatedAt = now };
}

Account get(db::Connection &connection, qint64 id)
{
    QSqlQuery &row = connection.execute(u"SELECT " GODWIT_USER_COLUMNS u" FROM users WHERE id = ?", { id });
    if (!row.next())
        throw Error(Error::Code::NotFound, u"there is no user with id %1"_s.arg(id));
    return read(row);
}

std::optional<Credentials> find(db::Connection &connection, const QString &name)
{
    QSqlQuery &row = connection.execute(u"SELECT " GODWIT_USER_COLUMNS u", password_hash FROM users WHERE name_key = ?",
                                        { nameKey(name) });
    if (!row.next())
        return {};
    return Credentials{ .account = read(row), .passwordHash = row.value(6).toString().toLatin1() };
}

QList<Account> list(db::Connection &connection, qint64 after, int limit)
{
    QSqlQuery &rows = connection.execute(u"SELECT " GODWIT_USER_COLUMNS u" FROM users WHERE id > ? ORDER BY id LIMIT ?",
                                         { after, limit });
    QList<Account> accounts;
    while (rows.next())
        accounts.append(read(rows));
    return accounts;
}

Account update(db::Connection &connection, qint64 id, const Change &change, Timestamp now)
{
    Account account = get(connection, id);
    const Account before = account;
    if (change.name && *change.name != account.name) {
        refuseTakenName(connection, *change.name, id);
        account.name = *change.name;
    }
    if (change.role && *change.role < account.role)
        refuseLastAdmin(connection, account);
    account.role = change.role.value_or(account.role);
    if (account == before && !change.passwordHash)
        return account;
    ++account.generation;
    account.updatedAt = now;
    const QVariantList values{ account.name, nameKey(account.name), protocol::toString(account.role),
                               account.generation, qint64(now.time_since_epoch().count()) };
    if (change.passwordHash) {
        // Whoever has the old one may have logged in with it.
        connection.execute(u"DELETE FROM auth_sessions WHERE user_id = ? AND kind = 'login'", { id });
        connection.execute(u"UPDATE users SET name = ?, name_key = ?, role = ?, generation = ?, updated_at = ?, "
                           "password_hash = ? WHERE id = ?",
                           values + QVariantList{ QString::fromLatin1(*change.passwordHash), id });
    } else {
        connection.execute(
            u"UPDATE users SET name = ?, name_key = ?, role = ?, generation = ?, updated_at = ? WHERE id = ?",
            values + QVariantList{ id });
    }
    if (account.name != before.name || account.role != before.role)
        addActivity(connection, id, activity::accountUpdated,
                    u"%1, %2"_s.arg(account.name, protocol::toString(account.role)), now);
    if (change.passwordHash)
        addActivity(connection, id, activity::passwordChanged, {}, now);
    return account;
}

Account remove(db::Connection &connection, qint64 id)
{
    const Account account = get(connection, id);
    refuseLastAdmin(connection, account);
    connection.execute(u"DELETE FROM users WHERE id = ?", { id });
    return account;
}

} // namespace godwit::users::store
