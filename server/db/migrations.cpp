// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/migrations.h"

#include "server/db/dialect.h"
#include "shared/core/clock.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QMap>

using namespace Qt::StringLiterals;

// A static library's resources are only linked in if somebody asks for them, outside of any namespace.
static void linkBuiltInMigrations()
{
    Q_INIT_RESOURCE(migrations);
}

namespace godwit::db {

QByteArray Migration::checksum() const
{
    QByteArray text = sql.toUtf8();
    text.replace("\r\n", "\n");
    return QCryptographicHash::hash(text, QCryptographicHash::Sha256).toHex();
}

static QString readAll(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        throw Error::internal(u"migration "_s + path + u": "_s + file.errorString());
    return QString::fromUtf8(file.readAll());
}

QList<Migration> readMigrations(const QString &folder)
{
    if (folder.isEmpty())
        linkBuiltInMigrations();
    const QDir dir(folder.isEmpty() ? u":/migrations"_s : folder);
    const QString ownSuffix = dialect::suffix + u".sql"_s;
    QMap<int, Migration> found;
    const QStringList names = dir.entryList({ u"*.sql"_s }, QDir::Files, QDir::Name);
    for (const QString &name : names) {
        if (name.count(u'.') > 1)
            continue; // belongs to a dialect
        bool isNumber = false;
        const int number = name.section(u'_', 0, 0).toInt(&isNumber);
        if (!isNumber || number < 1)
            throw Error::internal(u"migration "_s + name + u": the name must begin with a number and \"_\""_s);
        if (found.contains(number))
            throw Error::internal(u"migrations "_s + found[number].name + u" and "_s + name
                                  + u" have the same number"_s);
        QString sql = readAll(dir.filePath(name));
        const QString own = name.chopped(4) + ownSuffix;
        if (dir.exists(own))
            sql += readAll(dir.filePath(own));
        found.insert(number, { .number = number, .name = name, .sql = std::move(sql) });
    }
    return found.values();
}

using Applied = QMap<int, QByteArray>; // number to checksum

static Applied readApplied(Connection &connection)
{
    Applied applied;
    QSqlQuery &tables = connection.execute(dialect::tableExists, { u"schema_migrations"_s });
    if (!tables.next())
        return applied;
    QSqlQuery &rows = connection.execute(u"SELECT number, checksum FROM schema_migrations");
    while (rows.next())
        applied.insert(rows.value(0).toInt(), rows.value(1).toByteArray());
    return applied;
}

static void refuseForeign(const Applied &applied, const QList<Migration> &migrations)
{
    QMap<int, const Migration *> known;
    for (const Migration &migration : migrations)
        known.insert(migration.number, &migration);
    for (auto it = applied.begin(); it != applied.end(); ++it) {
        const Migration *const migration = known.value(it.key());
        if (!migration)
            throw Error(Error::Code::Conflict,
                        u"the database is of a newer version of this program: it has schema %1, and this program knows "
                        u"up to %2"_s.arg(applied.lastKey())
                            .arg(known.isEmpty() ? 0 : known.lastKey()));
        if (migration->checksum() != it.value())
            throw Error(Error::Code::Conflict,
                        u"migration %1 was changed after this database had been made with it"_s.arg(migration->name));
    }
}

static void apply(Connection &connection, const Migration &migration)
{
    connection.executeScript(u"CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, "
                             "name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)");
    if (readApplied(connection).contains(migration.number))
        return; // another process was faster
    try {
        connection.executeScript(dialect::translated(migration.sql));
    } catch (const Error &error) {
        throw Error::internal(u"migration "_s + migration.name + u": "_s + error.internalMessage());
    }
    connection.execute(u"INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)",
                       { migration.number, migration.name, QString::fromLatin1(migration.checksum()),
                         qint64(Clock::system().timestamp().time_since_epoch().count()) });
}

int migrate(Pool &pool, const QList<Migration> &migrations)
{
    // A read, so that a start with nothing to do waits for no disk.
    const auto applied = pool.read({}, readApplied).future().result();
    refuseForeign(applied, migrations);
    int count = 0;
    for (const Migration &migration : migrations) {
        if (applied.contains(migration.number))
            continue;
        pool.write({}, [&migration](Connection &connection) { apply(connection, migration); })
            .future()
            .waitForFinished();
        ++count;
    }
    return count;
}

} // namespace godwit::db
