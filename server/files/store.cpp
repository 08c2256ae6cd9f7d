// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/files/store.h"

#include <QUrl>

#include <limits>

using namespace Qt::StringLiterals;

namespace godwit::files {

#define GODWIT_FILE_COLUMNS u"id, name, size, type, sha256, owner_id, owner_name, created_at"
#define GODWIT_UPLOAD_COLUMNS                                                                                          \
    u"id, name, length, received, metadata, owner_id, owner_name, created_at, expires_at, finished_as"

bool Owner::admits(const protocol::Principal &caller) const
{
    if (caller.may(protocol::Role::Operator))
        return true;
    return caller.userId == userId && (userId != 0 || (!name.isEmpty() && caller.name == name));
}

static QString urlOf(const QString &name)
{
    return u"/files/"_s + QString::fromLatin1(QUrl::toPercentEncoding(name));
}

QJsonObject File::toJson() const
{
    return { { u"id"_s, id },
             { u"name"_s, name },
             { u"url"_s, urlOf(name) },
             { u"size"_s, size },
             { u"type"_s, type },
             { u"sha256"_s, sha256.isEmpty() ? QJsonValue() : QJsonValue(QString::fromLatin1(sha256)) },
             { u"owner"_s, owner.name.isEmpty() ? QJsonValue() : QJsonValue(owner.name) },
             { u"created_at"_s, toRfc3339(createdAt) } };
}

QJsonObject Upload::toJson() const
{
    return { { u"id"_s, QString::fromLatin1(id) },
             { u"name"_s, name },
             { u"length"_s, length },
             { u"offset"_s, received },
             { u"owner"_s, owner.name },
             { u"created_at"_s, toRfc3339(createdAt) },
             { u"expires_at"_s, toRfc3339(expiresAt) },
             { u"file"_s, isFinished() ? QJsonValue(urlOf(finishedAs)) : QJsonValue() } };
}

namespace store {

namespace {

qint64 toMs(Timestamp time)
{
    return time.time_since_epoch().count();
}

Timestamp timeOf(const QVariant &ms)
{
    return Timestamp(std::chrono::milliseconds(ms.toLongLong()));
}

/// A null string would be NULL, which the columns refuse.
QString text(const QString &given)
{
    return given.isNull() ? u""_s : given;
}
QString text(const QByteArray &given)
{
    return text(QString::fromLatin1(given));
}

File readFile(const QSqlQuery &row)
{
    return { .id = row.value(0).toLongLong(),
             .name = row.value(1).toString(),
             .size = row.value(2).toLongLong(),
             .type = row.value(3).toString(),
             .sha256 = row.value(4).toString().toLatin1(),
             .owner = { .userId = row.value(5).toLongLong(), .name = row.value(6).toString() },
             .createdAt = timeOf(row.value(7)) };
}

Upload readUpload(const QSqlQuery &row)
{
    return { .id = row.value(0).toString().toLatin1(),
             .name = row.value(1).toString(),
             .length = row.value(2).toLongLong(),
             .received = row.value(3).toLongLong(),
             .metadata = row.value(4).toString().toLatin1(),
             .owner = { .userId = row.value(5).toLongLong(), .name = row.value(6).toString() },
             .createdAt = timeOf(row.value(7)),
             .expiresAt = timeOf(row.value(8)),
             .finishedAs = row.value(9).toString() };
}

qint64 number(db::Connection &connection, QStringView sql, const QVariantList &values = {})
{
    QSqlQuery &row = connection.execute(sql, values);
    return row.next() ? row.value(0).toLongLong() : 0;
}

} // namespace

QList<File> list(db::Connection &connection, qint64 before, int limit)
{
    QSqlQuery &rows
        = connection.execute(u"SELECT " GODWIT_FILE_COLUMNS " FROM files WHERE id < ? ORDER BY id DESC LIMIT ?",
                             { before > 0 ? before : std::numeric_limits<qint64>::max(), limit });
    QList<File> files;
    while (rows.next())
        files.append(readFile(rows));
    return files;
}

std::optional<File> find(db::Connection &connection, const QString &name)
{
    QSqlQuery &row = connection.execute(u"SELECT " GODWIT_FILE_COLUMNS " FROM files WHERE name = ?", { name });
    return row.next() ? std::optional(readFile(row)) : std::nullopt;
}

File add(db::Connection &connection, File file)
{
    QSqlQuery &row = connection.execute(
        u"INSERT INTO files (name, size, type, sha256, owner_id, owner_name, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "RETURNING id",
        { file.name, file.size, file.type, text(file.sha256), file.owner.userId, text(file.owner.name),
          toMs(file.createdAt) });
    row.next();
    file.id = row.value(0).toLongLong();
    row.finish(); // one that is still open stops the COMMIT
    return file;
}

void remove(db::Connection &connection, qint64 id)
{
    connection.execute(u"DELETE FROM files WHERE id = ?", { id });
}

qint64 bytesInUse(db::Connection &connection)
{
    return number(connection,
                  u"SELECT (SELECT coalesce(sum(size), 0) FROM files) "
                  "+ (SELECT coalesce(sum(length), 0) FROM uploads WHERE finished_as = '')");
}

int unfinishedOf(db::Connection &connection, const Owner &owner)
{
    return int(number(connection,
                      u"SELECT count(*) FROM uploads WHERE finished_as = '' AND owner_id = ? AND owner_name = ?",
                      { owner.userId, text(owner.name) }));
}

qint64 announcedOf(db::Connection &connection, const Owner &owner)
{
    return number(connection,
                  u"SELECT coalesce(sum(length - received), 0) FROM uploads "
                  "WHERE finished_as = '' AND owner_id = ? AND owner_name = ?",
                  { owner.userId, text(owner.name) });
}

void addUpload(db::Connection &connection, const Upload &upload)
{
    connection.execute(
        u"INSERT INTO uploads (id, name, length, metadata, owner_id, owner_name, created_at, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        { text(upload.id), upload.name, upload.length, text(upload.metadata), upload.owner.userId,
          text(upload.owner.name), toMs(upload.createdAt), toMs(upload.expiresAt) });
}

std::optional<Upload> findUpload(db::Connection &connection, const QByteArray &id)
{
    QSqlQuery &row = connection.execute(u"SELECT " GODWIT_UPLOAD_COLUMNS " FROM uploads WHERE id = ?", { text(id) });
    return row.next() ? std::optional(readUpload(row)) : std::nullopt;
}

QList<Upload> uploads(db::Connection &connection)
{
    QSqlQuery &rows = connection.execute(u"SELECT " GODWIT_UPLOAD_COLUMNS " FROM uploads");
    QList<Upload> uploads;
    while (rows.next())
        uploads.append(readUpload(rows));
    return uploads;
}

QList<QByteArray> expired(db::Connection &connection, Timestamp now)
{
    QSqlQuery &rows = connection.execute(u"SELECT id FROM uploads WHERE expires_at < ? LIMIT 1000", { toMs(now) });
    QList<QByteArray> ids;
    while (rows.next())
        ids.append(rows.value(0).toString().toLatin1());
    return ids;
}

void setReceived(db::Connection &connection, const QByteArray &id, qint64 received, Timestamp expiresAt)
{
    connection.execute(u"UPDATE uploads SET received = ?, expires_at = ? WHERE id = ?",
                       { received, toMs(expiresAt), text(id) });
}

void setFinished(db::Connection &connection, const QByteArray &id, const QString &name)
{
    connection.execute(u"UPDATE uploads SET finished_as = ? WHERE id = ?", { name, text(id) });
}

void removeUpload(db::Connection &connection, const QByteArray &id)
{
    connection.execute(u"DELETE FROM uploads WHERE id = ?", { text(id) });
}

} // namespace store
} // namespace godwit::files
