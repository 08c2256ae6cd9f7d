// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "shared/core/clock.h"
#include "shared/protocol/principal.h"

#include <QList>

#include <optional>

namespace godwit::users {

/// One of the table of users. What it takes to log in as them is not among it.
struct Account
{
    qint64 id = 0;
    QString name{};
    protocol::Role role = protocol::Role::Viewer;
    qint64 generation = 1; ///< raised by each change that makes earlier access tokens invalid
    Timestamp createdAt{}, updatedAt{};

    friend bool operator==(const Account &, const Account &) = default;
};

/// What a login is checked against.
struct Credentials
{
    Account account;
    QByteArray passwordHash;
};

/// The SQL of accounts. Each function is a job's work, on a thread of the pool; names are already normalized, and
/// passwords already hashed. What is to work at once for those who are logged in goes through users::Accounts.
namespace store {

/// Of a column that holds milliseconds since 1970.
Timestamp toTime(const QVariant &ms);

struct NewRow
{
    QString name;
    protocol::Role role = protocol::Role::Viewer;
    QByteArray passwordHash;
};

/// What is to become of a row; what is not named stays.
struct Change
{
    std::optional<QString> name{};
    std::optional<protocol::Role> role{};
    std::optional<QByteArray> passwordHash{};
};

/// Error::Conflict if the name is taken, in whatever case.
Account create(db::Connection &connection, const NewRow &row, Timestamp now);
/// Error::NotFound.
Account get(db::Connection &connection, qint64 id);
/// By name, in whatever case.
std::optional<Credentials> find(db::Connection &connection, const QString &name);
/// In order of their ids, behind @p after; at most @p limit.
QList<Account> list(db::Connection &connection, qint64 after, int limit);
/// Error::NotFound; Error::Conflict for a name that is taken, and where no admin would be left.
Account update(db::Connection &connection, qint64 id, const Change &change, Timestamp now);
/// Error::NotFound; Error::Conflict for the last admin. @return who it was.
Account remove(db::Connection &connection, qint64 id);

} // namespace store
} // namespace godwit::users
