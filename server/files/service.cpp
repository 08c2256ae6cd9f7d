// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/files/service.h"

#include "server/files/filename.h"
#include "server/http/mediatypes.h"

#include <QLoggingCategory>
#include <QSet>

using namespace Qt::StringLiterals;

namespace godwit::files {

Q_LOGGING_CATEGORY(filesLog, "godwit.files")

namespace {

/// Threads that wait for the disk, and jobs that wait for these: some for each upload.
constexpr int DiskThreads = 4, DiskQueue = 100'000;
/// After so many names that are taken we give up.
constexpr int MostNumbers = 1000;

QString typeOf(const QString &name)
{
    return QString::fromLatin1(http::mediaTypeOf(name).type);
}

File fileOf(const Folder::Found &found)
{
    return { .name = found.name,
             .size = found.size,
             .type = typeOf(found.name),
             .sha256 = {},
             .owner = {},
             .createdAt = found.changedAt };
}

/// Blocks; at start.
template<class Work>
auto wait(async::OneShot<Work> result)
{
    return std::move(result).future().result();
}

} // namespace

Service::Service(db::Pool &pool, runtime::BlockingPool &threads, Options options, const Clock &clock)
    : m_pool(pool),
      m_threads(threads),
      m_options(std::move(options)),
      m_clock(clock),
      m_folder(std::make_shared<Folder>(m_options.directory)),
      m_disk({ .name = u"file writes"_s, .concurrency = DiskThreads, .queue = DiskQueue })
{
}

void Service::start()
{
    takeUpUploads(m_folder->files());
    compare(m_folder->files());
}

/// What ended between two of the steps at the end of an upload.
void Service::takeUpUploads(const QList<Folder::Found> &found)
{
    const QList<QByteArray> ids = m_folder->parts();
    QSet<QByteArray> parts(ids.begin(), ids.end());
    const auto uploads = wait(m_pool.read({}, [](db::Connection &c) { return store::uploads(c); }));
    for (const Upload &upload : uploads) {
        const bool hasPart = parts.remove(upload.id);
        if (upload.isFinished()) {
            if (hasPart)
                m_folder->removePart(upload.id);
            continue;
        }
        QString name;
        if (hasPart && upload.received == upload.length)
            name = publish(*m_folder, upload, {}, m_clock.timestamp()).name;
        else if (!hasPart && upload.received == upload.length)
            name = upload.name; // compare() finds it, if it is there
        if (name.isEmpty())
            continue;
        const bool isThere = hasPart || std::ranges::any_of(found, [&upload](const Folder::Found &one) {
                                 return one.name == upload.name && one.size == upload.length;
                             });
        wait(m_pool.write({}, [upload, name, isThere](db::Connection &c) {
            if (!isThere) {
                store::removeUpload(c, upload.id);
            } else {
                if (!store::find(c, name))
                    store::add(c,
                               { .name = name,
                                 .size = upload.length,
                                 .type = typeOf(name),
                                 .owner = upload.owner,
                                 .createdAt = upload.createdAt });
                store::setFinished(c, upload.id, name);
            }
            return true;
        }));
    }
    for (const QByteArray &id : std::as_const(parts))
        m_folder->removePart(id);
}

void Service::compare(const QList<Folder::Found> &found)
{
    const auto changed = wait(m_pool.write({}, [found](db::Connection &c) {
        QHash<QString, File> known;
        const auto all = store::list(c, 0, std::numeric_limits<int>::max());
        for (const File &file : all)
            known.insert(file.name, file);
        int count = 0;
        for (const Folder::Found &one : found) {
            const auto before = known.find(one.name);
            const bool isNew = before == known.end();
            if (!isNew && before->size == one.size) {
                known.erase(before);
                continue;
            }
            File file = fileOf(one);
            if (!isNew) {
                file.owner = before->owner;
                store::remove(c, before->id);
                known.erase(before);
            }
            store::add(c, file);
            ++count;
        }
        for (const File &gone : std::as_const(known))
            store::remove(c, gone.id);
        return count + int(known.size());
    }));
    if (changed > 0)
        qCInfo(filesLog, "%d files were put into the folder, changed or taken from it", changed);
}

async::OneShot<QList<File>> Service::list(async::Context context, qint64 before, int limit)
{
    return m_pool.readRetrying(std::move(context),
                               [before, limit](db::Connection &c) { return store::list(c, before, limit); });
}

QCoro::Task<File> Service::remove(async::Context context, protocol::Principal caller, QString name)
{
    auto finding = m_pool.readRetrying(context, [name](db::Connection &c) { return store::find(c, name); });
    const std::optional<File> file = co_await std::move(finding);
    if (!file)
        throw Error(Error::Code::NotFound, u"there is no file \"%1\""_s.arg(name));
    if (!file->owner.admits(caller))
        throw Error(Error::Code::PermissionDenied, u"only its owner and operators may remove a file"_s);
    // The disk first: what is in the table and not on the disk is forgotten at the next start, not shown again.
    auto removing = onDisk([folder = m_folder, name] { return folder->remove(name); });
    co_await std::move(removing);
    auto forgetting = m_pool.write({}, [id = file->id](db::Connection &c) { store::remove(c, id); });
    co_await std::move(forgetting);
    co_return *file;
}

File publish(Folder &folder, const Upload &upload, const QByteArray &sha256, Timestamp now)
{
    QString name = upload.name;
    for (int number = 2; !folder.publish(upload.id, name); ++number) {
        if (number > MostNumbers)
            throw Error(Error::Code::Conflict, u"too many files are named %1"_s.arg(upload.name));
        name = numbered(upload.name, number);
    }
    return { .name = name,
             .size = upload.length,
             .type = typeOf(name),
             .sha256 = sha256,
             .owner = upload.owner,
             .createdAt = now };
}

} // namespace godwit::files
