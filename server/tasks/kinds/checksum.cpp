// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/openbeneath.h"
#include "server/tasks/kinds.h"
#include "shared/core/jsonreader.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QLocale>

using namespace Qt::StringLiterals;

namespace godwit::tasks {

static constexpr qint64 checksumBlock = 1024 * 1024;

/// A name is one of the shared folder's, out of which none leads; those with a dot in front are the server's own.
static Result<std::unique_ptr<QFile>> openByName(const QString &name, const QString &filesFolder)
{
    if (name.isEmpty() || name.startsWith(u'.') || name.contains(u'/'))
        return failure(Error::Code::NotFound, u"such a name has no slash and no dot in front"_s);
    return http::RootFolder(filesFolder).open(name);
}

static Result<std::unique_ptr<QFile>> openByPath(const QString &path)
{
    if (!QFileInfo(path).isFile()) // to open a pipe would wait for its other end
        return failure(Error::Code::NotFound, u"it is no file"_s);
    auto file = std::make_unique<QFile>(path);
    if (!file->open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        return failure(Error::Code::PermissionDenied, file->errorString());
    return file;
}

static std::unique_ptr<QFile> openForChecksum(const QJsonObject &params, const QString &filesFolder)
{
    JsonReader reader(params);
    const QString path = reader.string("path"_L1);
    orThrow(reader.finish(true));
    auto file = QFileInfo(path).isAbsolute() ? openByPath(path) : openByName(path, filesFolder);
    if (!file) {
        reader.fail("path"_L1,
                    u"must be an absolute path on the server's machine, or the name of a shared file: "_s
                        + file.error().message());
        orThrow(reader.finish(false));
    }
    return *std::move(file);
}

static QJsonObject checksum(Job &job, const QString &filesFolder)
{
    const auto opened = openForChecksum(job.params(), filesFolder);
    QFile &file = *opened;
    const qint64 size = file.size();
    const QDateTime changed = file.fileTime(QFileDevice::FileModificationTime);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    QByteArray block(std::clamp<qint64>(size, 1, checksumBlock), Qt::Uninitialized);
    const QLocale locale = QLocale::c();
    qint64 done = 0;
    while (done < size) { // no further: some files of the system have no end
        if (job.stopToken().stop_requested())
            throw Error::cancelled();
        const qint64 got = file.read(block.data(), std::min(size - done, qint64(block.size())));
        if (got <= 0)
            break;
        hash.addData(QByteArrayView(block).first(got));
        done += got;
        job.setProgress(100.0 * double(done) / double(size),
                        u"%1 of %2"_s.arg(locale.formattedDataSize(done, 1), locale.formattedDataSize(size, 1)));
    }
    if (done != size || file.size() != size || file.fileTime(QFileDevice::FileModificationTime) != changed)
        throw Error(Error::Code::Conflict, u"%1 was changed while it was read"_s.arg(file.fileName()));
    return { { u"sha256"_s, QString::fromLatin1(hash.result().toHex()) }, { u"bytes"_s, size } };
}

/// `checksum` `{path: "/file"}`: SHA-256 of a file of this machine, by its path or by the name of a shared one;
/// `{sha256, bytes}`.
Kind checksumKind(const Resources &resources)
{
    const QString folder = resources.filesFolder;
    return { .name = u"checksum"_s,
             .handler = [folder](Job &job) { return checksum(job, folder); },
             .options = { .concurrency = 2,
                          .check = [folder](const QJsonObject &params) { openForChecksum(params, folder); },
                          .params = QStringList{ u"path"_s } } };
}

} // namespace godwit::tasks
