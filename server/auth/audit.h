// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"

#include <QString>

namespace godwit::auth {

/// Something that concerns security and has happened.
struct AuditEvent
{
    QString event; ///< `login`, `login_failed`, `user_removed`, ...
    QString actor{}; ///< who did it, as far as it is known
    QString subject{}; ///< whom or what it was done to
    QString address{};
    QByteArray requestId{};
};

/// One as it was kept.
struct AuditEntry
{
    qint64 id = 0;
    Timestamp at{};
    AuditEvent event;
};

/// The log of such events: a table, bounded by rows and age, and lines of the category `godwit.audit`. Writing does not
/// wait, and fails into the log. Any thread.
class AuditLog
{
    Q_DISABLE_COPY_MOVE(AuditLog)

public:
    struct Options
    {
        qint64 rows = 100'000;
        std::chrono::hours age{ 90 * 24 };
    };

    AuditLog(db::Pool &pool, Options options, const Clock &clock = Clock::system());
    explicit AuditLog(db::Pool &pool) : AuditLog(pool, Options{}) { }
    ~AuditLog(); ///< what was recorded is on disk then, unless the database takes seconds for it

    void record(AuditEvent event);
    /// Newest first; those before @p before (0: all).
    async::OneShot<QList<AuditEntry>> list(async::Context context, qint64 before, int limit);

private:
    db::Pool &m_pool;
    const Options m_options;
    const Clock &m_clock;
};

} // namespace godwit::auth
