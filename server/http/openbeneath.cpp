// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/openbeneath.h"

#include <QDir>
#include <QFileInfo>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif
#ifdef Q_OS_LINUX
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

#include <cerrno>

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

Failure notFound()
{
    return failure(Error::Code::NotFound, u"there is no such file"_s);
}

/// Empty and dot components are refused before the system sees them, so that each file has one name.
bool isPlain(const QString &path)
{
    if (path.isEmpty() || path.contains(u'\0') || path.contains(u'\\'))
        return false;
    for (const auto component : QStringView(path).split(u'/')) {
        if (component.isEmpty() || component == u"." || component == u"..")
            return false;
    }
    return true;
}

#ifdef Q_OS_UNIX

// O_NONBLOCK: a pipe must not hold a reactor; for files it means nothing.
constexpr int readFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

int openWithin(int folder, const QByteArray &path)
{
#ifdef Q_OS_LINUX
    struct open_how how = {};
    how.flags = quint64(readFlags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    const long file = ::syscall(SYS_openat2, folder, path.constData(), &how, sizeof how);
    if (file >= 0 || (errno != ENOSYS && errno != EPERM)) // an old kernel, or a container that does not know the call
        return int(file);
#endif
    return detail::openByComponents(folder, path);
}

#endif

} // namespace

#ifdef Q_OS_UNIX
int detail::openByComponents(int folder, const QByteArray &path)
{
    int at = ::dup(folder);
    qsizetype begin = 0;
    for (qsizetype slash; at >= 0 && (slash = path.indexOf('/', begin)) >= 0; begin = slash + 1) {
        const QByteArray component = path.sliced(begin, slash - begin);
        const int next = ::openat(at, component.constData(), O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);
        ::close(at);
        at = next;
    }
    if (at < 0)
        return -1;
    const int file = ::openat(at, path.constData() + begin, readFlags | O_NOFOLLOW);
    ::close(at);
    return file;
}
#endif

RootFolder::RootFolder(const QString &path) : m_path(QFileInfo(path).canonicalFilePath())
{
    if (m_path.isEmpty() || !QFileInfo(m_path).isDir())
        throw Error(Error::Code::NotFound, u"there is no folder %1"_s.arg(path));
#ifdef Q_OS_UNIX
    m_descriptor = ::open(QFile::encodeName(m_path).constData(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (m_descriptor < 0)
        throw Error(Error::Code::NotFound, u"the folder %1 cannot be read"_s.arg(path));
#endif
}

RootFolder::~RootFolder()
{
#ifdef Q_OS_UNIX
    ::close(m_descriptor);
#endif
}

Result<std::unique_ptr<QFile>> RootFolder::open(const QString &relativePath) const
{
    if (!isPlain(relativePath))
        return notFound();
    auto file = std::make_unique<QFile>(m_path + u'/' + relativePath); // the name is for messages: nothing opens by it
#ifdef Q_OS_UNIX
    const int descriptor = openWithin(m_descriptor, QFile::encodeName(relativePath));
    struct stat status = {};
    if (descriptor < 0)
        return notFound();
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)
        || !file->open(descriptor, QIODevice::ReadOnly | QIODevice::Unbuffered, QFileDevice::AutoCloseHandle)) {
        ::close(descriptor);
        return notFound();
    }
#else
    const QString canonical = QFileInfo(file->fileName()).canonicalFilePath();
    if (!canonical.startsWith(m_path + u'/') || !QFileInfo(canonical).isFile()
        || !file->open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        return notFound();
#endif
    return file;
}

} // namespace godwit::http
