// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/files/folder.h"

#include "server/files/filename.h"
#include "server/files/uploaderror.h"

#include <QDir>
#include <QFile>
#include <QLoggingCategory>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

using namespace Qt::StringLiterals;

namespace godwit::files {

Q_LOGGING_CATEGORY(folderLog, "godwit.files")

namespace {

constexpr mode_t OwnersOnly = 0600, OwnersOnlyFolder = 0700;

[[noreturn]] void fail(const QString &what)
{
    const int error = errno;
    if (error == ENOSPC || error == EDQUOT || error == EFBIG)
        throw UploadError(UploadError::Reason::NoSpace, u"there is no room for it on the server's disk"_s);
    throw Error::internal(u"files: "_s + what + u": "_s + QString::fromLocal8Bit(std::strerror(error)));
}

int openFolder(int beneath, const QByteArray &path)
{
    if (::mkdirat(beneath, path.constData(), OwnersOnlyFolder) != 0 && errno != EEXIST)
        fail(u"cannot make "_s + QString::fromLocal8Bit(path));
    const int folder = ::openat(beneath, path.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        fail(u"cannot open "_s + QString::fromLocal8Bit(path));
    return folder;
}

Timestamp timeOf(const timespec &time)
{
    return Timestamp(std::chrono::milliseconds(qint64(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000));
}

/// Fails with EEXIST where @p to is taken.
int moveWithoutReplacing(int fromFolder, const QByteArray &from, int toFolder, const QByteArray &to)
{
    const int moved = ::renameat2(fromFolder, from.constData(), toFolder, to.constData(), RENAME_NOREPLACE);
    if (moved == 0 || (errno != EINVAL && errno != ENOSYS)) // a file system, or a kernel, that does not know it
        return moved;
    if (::linkat(fromFolder, from.constData(), toFolder, to.constData(), 0) != 0)
        return -1;
    return ::unlinkat(fromFolder, from.constData(), 0);
}

} // namespace

PartFile::~PartFile()
{
    ::close(m_descriptor);
}

void PartFile::append(QByteArrayView bytes)
{
    qint64 end = m_size;
    while (!bytes.isEmpty()) {
        const ssize_t written = ::pwrite(m_descriptor, bytes.data(), size_t(bytes.size()), end);
        if (written < 0 && errno != EINTR) {
            const int error = errno;
            truncate(m_size);
            errno = error;
            fail(u"cannot write"_s);
        }
        if (written > 0) {
            end += written;
            bytes = bytes.sliced(written);
        }
    }
    m_size = end;
}

void PartFile::sync()
{
    if (::fdatasync(m_descriptor) != 0)
        fail(u"cannot sync"_s);
}

QByteArray PartFile::read(qint64 at, qsizetype size) const
{
    QByteArray bytes(size, Qt::Uninitialized);
    ssize_t got = 0;
    do
        got = ::pread(m_descriptor, bytes.data(), size_t(size), at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        fail(u"cannot read"_s);
    bytes.truncate(got);
    return bytes;
}

void PartFile::truncate(qint64 size)
{
    if (::ftruncate(m_descriptor, size) != 0)
        fail(u"cannot truncate"_s);
    m_size = size;
}

Folder::Folder(const QString &path) : m_path(path)
{
    m_files = openFolder(AT_FDCWD, QFile::encodeName(path));
    m_parts = openFolder(m_files, ".uploads"_ba);
}

Folder::~Folder()
{
    ::close(m_parts);
    ::close(m_files);
}

qint64 Folder::freeBytes() const
{
    struct statvfs status{};
    if (::fstatvfs(m_files, &status) != 0)
        fail(u"cannot ask for free space"_s);
    return qint64(status.f_bavail) * qint64(status.f_frsize);
}

QList<Folder::Found> Folder::files() const
{
    QList<Found> found;
    const QStringList names = QDir(m_path).entryList(QDir::Files | QDir::NoSymLinks);
    for (const QString &name : names) {
        struct stat status{};
        const auto good = fileName(name);
        if (!good || *good != name)
            qCWarning(folderLog) << "left alone, as its name is not good for a link:" << name;
        else if (::fstatat(m_files, QFile::encodeName(name).constData(), &status, AT_SYMLINK_NOFOLLOW) == 0)
            found.append({ .name = name, .size = status.st_size, .changedAt = timeOf(status.st_mtim) });
    }
    return found;
}

bool Folder::remove(const QString &name)
{
    if (::unlinkat(m_files, QFile::encodeName(name).constData(), 0) == 0)
        return true;
    if (errno != ENOENT)
        fail(u"cannot remove "_s + name);
    return false;
}

std::shared_ptr<PartFile> Folder::openPart(const QByteArray &id, qint64 size)
{
    const int descriptor = ::openat(m_parts, id.constData(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, OwnersOnly);
    if (descriptor < 0)
        fail(u"cannot open an upload"_s);
    auto part = std::make_shared<PartFile>(descriptor, size); // shared with the thread that writes
    struct stat status{};
    if (::fstat(descriptor, &status) != 0)
        fail(u"cannot ask for an upload's size"_s);
    if (status.st_size < size)
        throw Error(Error::Code::NotFound, u"what was received of this upload is lost"_s);
    if (status.st_size > size)
        part->truncate(size);
    return part;
}

void Folder::removePart(const QByteArray &id)
{
    if (::unlinkat(m_parts, id.constData(), 0) != 0 && errno != ENOENT)
        fail(u"cannot remove an upload"_s);
}

QList<QByteArray> Folder::parts() const
{
    QList<QByteArray> ids;
    const QStringList names = QDir(m_path + u"/.uploads"_s).entryList(QDir::Files);
    for (const QString &name : names)
        ids.append(name.toLatin1());
    return ids;
}

bool Folder::publish(const QByteArray &id, const QString &name)
{
    if (moveWithoutReplacing(m_parts, id, m_files, QFile::encodeName(name)) != 0) {
        if (errno == EEXIST)
            return false;
        fail(u"cannot publish "_s + name);
    }
    if (::fsync(m_files) != 0)
        fail(u"cannot sync the folder"_s);
    return true;
}

} // namespace godwit::files
