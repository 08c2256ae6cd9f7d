// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/backupcommand.h"

#include "server/app/datafolder.h"
#include "server/app/stoppable.h"
#include "server/app/terminal.h"
#include "server/db/backup.h"
#include "server/db/migrations.h"
#include "server/log/store.h"

#include <QDateTime>
#include <QDir>

#include <cstdio>
#include <filesystem>

using namespace Qt::StringLiterals;

namespace godwit::app {

namespace {

std::filesystem::path toPath(const QString &file)
{
    return std::filesystem::path(file.toStdU16String());
}

db::BackupReport copy(const QString &source, const QString &target)
{
    ProgressLine line;
    return runStoppable([&](std::stop_token stop) {
        return db::backUp(source, target, std::move(stop),
                          [&line](double percent) { line.show(percent, percent < 50 ? u"copying"_s : u"checking"_s); });
    });
}

void removeDatabase(const QString &file)
{
    for (const auto *const suffix : { "", "-wal", "-shm", "-journal" })
        QFile::remove(file + QLatin1StringView(suffix));
}

/// @return how many migrations were applied.
int bringUpToDate(const QString &file)
{
    int applied = 0;
    {
        db::Pool pool({ .file = file });
        applied = db::migrate(pool);
        // Whoever has read the newer history must not take this one for it.
        pool.write({}, log::store::beginNewEpochs).future().waitForFinished();
    }
    db::settle(file);
    db::syncFile(file);
    return applied;
}

/// Gives the old database a second name. @return that.
QString keepAside(const QString &database)
{
    const QString aside
        = database + u".before-"_s + QDateTime::currentDateTimeUtc().toString(u"yyyyMMdd'T'HHmmsszzz'Z'"_s);
    bool isSettled = false;
    try {
        db::settle(database);
        isSettled = true;
    } catch (const Error &error) {
        if (error.code() == Error::Code::Unavailable)
            throw Error(Error::Code::Conflict, u"%1 is in use by another program"_s.arg(database));
        // Damaged: that may be why there is a restore. It is kept as it is.
    }
    std::error_code failed;
    std::filesystem::create_hard_link(toPath(database), toPath(aside), failed);
    if (failed && !QFile::copy(database, aside)) // not every file system has links
        throw Error::internal(u"%1 cannot be kept as %2"_s.arg(database, aside));
    if (!isSettled) {
        // The new one must not be read with the old one's log.
        QFile::rename(database + u"-wal"_s, aside + u"-wal"_s);
        QFile::remove(database + u"-shm"_s);
    }
    db::syncFile(aside);
    return aside;
}

} // namespace

int backUp(const QString &file, const config::Loaded &loaded)
{
    const QString path = QDir::current().absoluteFilePath(file);
    const auto report = copy(loaded.config.database.file, path);
    std::printf("%s: %lld bytes, schema %d\n", qUtf8Printable(path), qint64(report.bytes), report.schema);
    return 0;
}

int restore(const QString &file, const config::Loaded &loaded)
{
    const auto folder = orThrow(DataFolder::open(loaded.config.server.data));
    const QString database = loaded.config.database.file, fresh = database + u".restored"_s;
    removeDatabase(fresh); // what one that was killed has left
    const auto removeFresh = qScopeGuard([&fresh] { removeDatabase(fresh); });
    if (copy(QDir::current().absoluteFilePath(file), fresh).schema == 0)
        throw Error(Error::Code::Conflict, u"%1 is no database of godwitd"_s.arg(file));
    const int migrated = bringUpToDate(fresh);
    const QString aside = QFile::exists(database) ? keepAside(database) : QString();
    std::filesystem::rename(toPath(fresh), toPath(database)); // at once: there is always one of the two
    db::syncFile(database);
    std::printf("%s is restored from %s; %d migrations applied\n", qUtf8Printable(database), qUtf8Printable(file),
                migrated);
    if (!aside.isEmpty())
        std::printf("the old one is kept as %s\n", qUtf8Printable(aside));
    return 0;
}

} // namespace godwit::app
