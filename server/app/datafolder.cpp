// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/datafolder.h"

#include <QDir>
#include <QFile>
#include <QLockFile>

#ifdef Q_OS_UNIX
#include <sys/file.h>
#include <sys/stat.h>
#endif

using namespace Qt::StringLiterals;

namespace godwit::app {

namespace {

QString lockFile(const QString &folder)
{
    return QDir(folder).filePath(u"godwitd.lock"_s);
}

} // namespace

#ifdef Q_OS_UNIX

/// flock(2): the kernel takes it back whenever the process ends, however that comes, where a lock by process id may
/// find its id taken by another (always so in a container that starts anew).
class DataFolder::Lock
{
public:
    explicit Lock(const QString &folder) : m_file(lockFile(folder)) { }

    bool tryLock() { return m_file.open(QIODevice::ReadWrite) && ::flock(m_file.handle(), LOCK_EX | LOCK_NB) == 0; }
    QString errorString() const { return m_file.errorString(); }
    bool isOpen() const { return m_file.isOpen(); }
    void write(const QByteArray &text)
    {
        m_file.resize(0);
        m_file.seek(0);
        m_file.write(text);
        m_file.flush();
    }

private:
    QFile m_file;
};

#else

class DataFolder::Lock
{
public:
    explicit Lock(const QString &folder) : m_lock(lockFile(folder) + u".qt"_s), m_file(lockFile(folder)) { }

    bool tryLock() { return m_file.open(QIODevice::ReadWrite) && m_lock.tryLock(0); }
    QString errorString() const { return m_file.errorString(); }
    bool isOpen() const { return m_file.isOpen(); }
    void write(const QByteArray &text)
    {
        m_file.resize(0);
        m_file.seek(0);
        m_file.write(text);
        m_file.flush();
    }

private:
    QLockFile m_lock;
    QFile m_file;
};

#endif

DataFolder::DataFolder(QString path, std::unique_ptr<Lock> lock) : m_path(std::move(path)), m_lock(std::move(lock)) { }
DataFolder::DataFolder(DataFolder &&) noexcept = default;

DataFolder::~DataFolder()
{
    if (m_lock)
        m_lock->write({});
}

Result<void> DataFolder::make(const QString &path)
{
    constexpr auto ownerOnly = QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner;
    if (!QFileInfo(path).isDir() && (!QDir().mkpath(path) || !QFile::setPermissions(path, ownerOnly)))
        return failure(Error::Code::InvalidArgument, u"the data folder %1 cannot be made"_s.arg(path));
    return {};
}

void DataFolder::hideDatabase(const QString &path)
{
    constexpr auto ownerOnly = QFile::ReadOwner | QFile::WriteOwner;
    constexpr auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
    QFile database(QDir(path).filePath(u"godwit.db"_s));
    if (!database.exists()) {
        database.open(QFile::WriteOnly | QFile::NewOnly, ownerOnly); // what keeps it from being made, SQLite will say
        return;
    }
    for (const auto *suffix : { "", "-wal", "-shm" }) {
        QFile file(database.fileName() + QLatin1StringView(suffix));
        if (file.permissions() & others)
            file.setPermissions(ownerOnly);
    }
}

Result<DataFolder> DataFolder::open(const QString &path)
{
    if (const auto made = make(path); !made)
        return Failure(made.error());
    auto lock = std::make_unique<Lock>(path);
    if (lock->tryLock()) {
        lock->write({}); // what a process that was killed has left
        return DataFolder(path, std::move(lock));
    }
    if (!lock->isOpen())
        return failure(Error::Code::InvalidArgument,
                       u"the data folder %1 cannot be written to: %2"_s.arg(path, lock->errorString()));
    const QString url = announcedUrl(path);
    return failure(Error::Code::Conflict,
                   u"the data folder %1 is in use by another godwitd%2"_s.arg(
                       path, url.isEmpty() ? QString() : QString(u" at "_s + url)));
}

void DataFolder::announce(const QString &url)
{
    m_lock->write(url.toUtf8() + '\n');
}

QString DataFolder::announcedUrl(const QString &path)
{
    QFile file(lockFile(path));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()).trimmed() : QString();
}

} // namespace godwit::app
