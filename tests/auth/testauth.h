// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/service.h"
#include "tests/users/testaccounts.h"

namespace godwit::auth {

/// Logins on a fresh database, at a time that stands until it is moved.
struct TestAuth : users::TestAccounts
{
    explicit TestAuth(Options options = {}, AuditLog::Options kept = {})
        : audit(database.pool, kept, clock),
          service({ .pool = database.pool,
                    .accounts = accounts,
                    .keyring = keys,
                    .live = live,
                    .audit = audit,
                    .clock = clock },
                  options)
    {
        service.load();
    }

    Tokens logIn(const QString &name) { return awaited(service.logIn({}, name, passwordOf(name), address)); }
    Tokens refresh(const QByteArray &token) { return awaited(service.refresh({}, token, address)); }
    /// Whether an access token is good at this moment.
    bool isGood(const QByteArray &token) { return authenticator.byToken(token).has_value(); }
    /// The audit log, newest first.
    QList<AuditEntry> auditEntries(qint64 before = 0, int limit = 100)
    {
        // Writes happen in their order: what was recorded is there after this one.
        database.pool.write({}, [](db::Connection &) { }).future().waitForFinished();
        return audit.list({}, before, limit).future().result();
    }
    /// The same as "event subject".
    QStringList audited()
    {
        QStringList lines;
        const auto entries = auditEntries();
        for (const AuditEntry &entry : entries)
            lines.append(entry.event.event + QLatin1Char(' ') + entry.event.subject);
        return lines;
    }

    const QString address = QStringLiteral("192.0.2.7");
    Keyring keys{ {}, clock };
    LiveAccounts live;
    AuditLog audit;
    Service service;
    Authenticator authenticator{ {}, keys, live, clock };
};

} // namespace godwit::auth
