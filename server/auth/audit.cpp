// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/audit.h"

#include <QLoggingCategory>

#include <limits>

using namespace Qt::StringLiterals;

namespace godwit::auth {

Q_LOGGING_CATEGORY(auditLog, "godwit.audit")

namespace {

/// A null string would be NULL, which the columns refuse. Names that are no names are cut.
QString stored(const QString &text)
{
    return text.isNull() ? u""_s : text.left(200);
}

void insert(db::Connection &connection, const AuditEvent &event, Timestamp now, const AuditLog::Options &options)
{
    const qint64 at = now.time_since_epoch().count();
    const qint64 oldest = (now - options.age).time_since_epoch().count();
    QSqlQuery &row = connection.execute(
        u"INSERT INTO audit_log (created_at, event, actor, subject, address, request_id) VALUES (?, ?, ?, ?, ?, ?) "
        "RETURNING id",
        { at, event.event, stored(event.actor), stored(event.subject), stored(event.address),
          stored(QString::fromLatin1(event.requestId)) });
    row.next();
    const qint64 id = row.value(0).toLongLong();
    row.finish(); // one that is still open stops the COMMIT
    connection.execute(u"DELETE FROM audit_log WHERE id <= ?", { id - options.rows });
    connection.execute(u"DELETE FROM audit_log WHERE created_at < ?", { oldest });
}

} // namespace

AuditLog::AuditLog(db::Pool &pool, Options options, const Clock &clock)
    : m_pool(pool),
      m_options(options),
      m_clock(clock)
{
}

AuditLog::~AuditLog()
{
    using namespace std::chrono_literals;
    // Writes happen in their order: what was recorded is on disk after this one.
    try {
        const async::Context context{ .deadline = async::Deadline::in(2s) };
        m_pool.write(context, [](db::Connection &) { }).future().waitForFinished();
    } catch (const Error &error) {
        qCCritical(auditLog, "the last events may not be kept: %s", error.what());
    }
}

void AuditLog::record(AuditEvent event)
{
    qCInfo(auditLog).noquote().nospace() << event.event << " actor=" << event.actor.left(200)
                                         << " subject=" << event.subject.left(200) << " address=" << event.address
                                         << " request=" << event.requestId;
    m_pool.write({}, [event = std::move(event), now = m_clock.timestamp(), options = m_options](db::Connection &c) {
        try {
            insert(c, event, now, options);
        } catch (const Error &error) {
            qCCritical(auditLog, "not kept: %s", error.what());
            throw;
        }
    });
}

async::OneShot<QList<AuditEntry>> AuditLog::list(async::Context context, qint64 before, int limit)
{
    return m_pool.read(std::move(context), [before, limit](db::Connection &c) {
        QSqlQuery &rows = c.execute(u"SELECT id, created_at, event, actor, subject, address, request_id "
                                    "FROM audit_log WHERE id < ? ORDER BY id DESC LIMIT ?",
                                    { before > 0 ? before : std::numeric_limits<qint64>::max(), limit });
        QList<AuditEntry> entries;
        while (rows.next())
            entries.append({ .id = rows.value(0).toLongLong(),
                             .at = Timestamp(std::chrono::milliseconds(rows.value(1).toLongLong())),
                             .event = { .event = rows.value(2).toString(),
                                        .actor = rows.value(3).toString(),
                                        .subject = rows.value(4).toString(),
                                        .address = rows.value(5).toString(),
                                        .requestId = rows.value(6).toString().toLatin1() } });
        return entries;
    });
}

} // namespace godwit::auth
