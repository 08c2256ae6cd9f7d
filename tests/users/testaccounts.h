// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/migrations.h"
#include "server/users/accounts.h"
#include "tests/db/testpool.h"
#include "tests/support/waiting.h"

namespace godwit::users {

/// Accounts on a fresh database, with hashes at the least cost there is.
struct TestAccounts
{
    static constexpr PasswordHasher::Options cheap{ .passes = 1, .memoryBytes = 8192 };

    TestAccounts() { db::migrate(database.pool); }

    Account add(const QString &name, protocol::Role role = protocol::Role::Member)
    {
        return awaited(accounts.create({}, { .name = name, .password = passwordOf(name), .role = role }));
    }
    static QString passwordOf(const QString &name) { return name + QStringLiteral("'s password"); }

    db::TestPool database;
    ManualClock clock;
    runtime::BlockingPool threads;
    PasswordHasher hasher{ threads, cheap };
    Accounts accounts{ database.pool, hasher, clock };
};

/// The code of what @p work throws; nothing if it does not.
template<class Work>
std::optional<Error::Code> codeOf(Work &&work)
{
    try {
        std::forward<Work>(work)();
        return {};
    } catch (const Error &error) {
        return error.code();
    }
}

} // namespace godwit::users
