// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/backup.h"

#include "server/tasks/kinds.h"
#include "shared/core/jsonreader.h"

#include <QDateTime>
#include <QDir>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::tasks {

namespace {

constexpr qint64 keptBackups = 7, mostKeptBackups = 1'000;

bool isWithin(const QString &folder, const QString &outer)
{
    const QString path = QDir(outer).canonicalPath();
    return !path.isEmpty() && (folder == path || folder.startsWith(path + u'/'));
}

enum class Existing { Refused, Allowed };

struct BackupPlan
{
    QString path; // empty: in the data folder's backups/, of which so many are kept
    qint64 keep = keptBackups;

    /// @param closed folders with whose files it must not mix.
    static Result<BackupPlan> fromJson(const QJsonObject &params, const QStringList &closed, Existing existing)
    {
        JsonReader reader(params);
        BackupPlan plan{ .path = reader.string("path"_L1, QString()), .keep = reader.integer("keep"_L1, keptBackups) };
        const QFileInfo file(plan.path);
        if (plan.keep < 1 || plan.keep > mostKeptBackups)
            reader.fail("keep"_L1, u"must be between 1 and %1"_s.arg(mostKeptBackups));
        if (plan.path.isEmpty())
            return reader.finish(std::move(plan));
        const QString folder = file.dir().canonicalPath();
        if (!file.isAbsolute())
            reader.fail("path"_L1, u"must be an absolute path on the server's machine"_s);
        else if (folder.isEmpty())
            reader.fail("path"_L1, u"must be in a folder that exists"_s);
        else if (std::ranges::any_of(closed, [&folder](const QString &other) { return isWithin(folder, other); }))
            reader.fail("path"_L1, u"must not be in a folder of the server's own"_s);
        else if (existing == Existing::Refused && file.exists())
            reader.fail("path"_L1, u"must not exist"_s);
        return reader.finish(std::move(plan));
    }
};

/// Sorted by their names, they are by their time.
QString freeBackupName(const QDir &folder)
{
    const QString stem = u"godwit-"_s + QDateTime::currentDateTimeUtc().toString(u"yyyyMMdd'T'HHmmsszzz'Z'"_s);
    QString name = stem + u".db"_s;
    for (int i = 1; folder.exists(name); ++i)
        name = u"%1-%2.db"_s.arg(stem).arg(i);
    return name;
}

QDir backupsFolder(const QString &dataFolder)
{
    const QDir folder(QDir(dataFolder).filePath(u"backups"_s));
    if (!folder.exists()
        && (!QDir().mkpath(folder.path())
            || !QFile::setPermissions(folder.path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner)))
        throw Error::internal(u"%1 cannot be made"_s.arg(folder.path()));
    return folder;
}

/// The oldest beyond @p keep, and what a process that was killed has left. @return how many remain.
qsizetype removeOldBackups(QDir folder, qint64 keep)
{
    for (const QString &left : folder.entryList({ u"godwit-*.partial"_s, u"godwit-*.partial-journal"_s }, QDir::Files))
        folder.remove(left);
    QStringList names = folder.entryList({ u"godwit-*.db"_s }, QDir::Files, QDir::Name);
    while (names.size() > keep)
        folder.remove(names.takeFirst());
    return names.size();
}

/// What an earlier attempt has made that ended before it could say so. A copy has this task in it as it was then: at
/// work.
std::optional<db::BackupReport> madeBefore(const QString &file, const Job &job)
{
    return db::findBackUp(file,
                          "SELECT count(*) FROM tasks WHERE kind = 'backup' AND status = 'running' AND id = "
                              + QByteArray::number(job.id()) + " AND attempts < " + QByteArray::number(job.attempt()));
}

/// Where the copy is to be: a name that is free, or that of what an earlier attempt has made.
QString targetOf(const BackupPlan &plan, const QDir &ours, const Job &job)
{
    if (!plan.path.isEmpty())
        return plan.path;
    const QStringList names = ours.entryList({ u"godwit-*.db"_s }, QDir::Files, QDir::Name);
    if (job.attempt() > 1 && !names.isEmpty() && madeBefore(ours.filePath(names.last()), job))
        return ours.filePath(names.last());
    return ours.filePath(freeBackupName(ours));
}

} // namespace

static QJsonObject backup(db::Pool &pool, const QStringList &closed, const QString &dataFolder, Job &job)
{
    const Existing existing = job.attempt() > 1 ? Existing::Allowed : Existing::Refused;
    const BackupPlan plan = orThrow(BackupPlan::fromJson(job.params(), closed, existing));
    const QString source
        = pool.read({}, [](db::Connection &c) { return c.database().databaseName(); }).future().result();
    const bool isOurs = plan.path.isEmpty();
    const QDir folder = isOurs ? backupsFolder(dataFolder) : QDir();
    const QString target = targetOf(plan, folder, job);
    auto report = job.attempt() > 1 ? madeBefore(target, job) : std::nullopt;
    if (report)
        job.log(u"an attempt before has made %1"_s.arg(target));
    else
        report = db::backUp(source, target, job.stopToken(), [&job](double percent) {
            job.setProgress(percent, percent < 50 ? u"copying"_s : u"checking"_s);
        });
    job.log(u"%1 bytes to %2"_s.arg(report->bytes).arg(target));
    QJsonObject result{ { u"path"_s, target }, { u"bytes"_s, report->bytes }, { u"schema"_s, report->schema } };
    if (isOurs)
        result.insert(u"kept"_s, removeOldBackups(folder, plan.keep));
    job.setProgress(100, target);
    return result;
}

/// `backup` `{path, keep}`: copies the database while it is in use, to a new file, or without a path into the data
/// folder's `backups/`, of which the newest are kept; `{path, bytes, schema, kept}`.
Kind backupKind(const Resources &resources)
{
    const QString folder = resources.dataFolder;
    const QStringList closed{ folder, resources.filesFolder };
    return {
        .name = u"backup"_s,
        .handler = [&pool = resources.pool, closed, folder](Job &job) { return backup(pool, closed, folder, job); },
        .options
        = { .check
            = [closed](const QJsonObject &params) { orThrow(BackupPlan::fromJson(params, closed, Existing::Refused)); },
            .params = QStringList{ u"path"_s, u"keep"_s },
            .maxAttempts = 3 }
    };
}

} // namespace godwit::tasks
