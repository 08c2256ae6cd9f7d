// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/tasks/kinds.h"
#include "shared/core/jsonreader.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QFile>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace godwit::tasks {

static constexpr qint64 checksumBlock = 1024 * 1024;

static Result<QString> checksumPathOf(const QJsonObject &params)
{
    JsonReader reader(params);
    const QString path = reader.string("path"_L1);
    const QFileInfo file(path);
    if (!path.isEmpty() && !file.isAbsolute())
        reader.fail("path"_L1, u"must be an absolute path on the server's machine"_s);
    else if (!file.isFile())
        reader.fail("path"_L1, u"must name a file: there is none at "_s + path);
    return reader.finish(QString(path));
}

static QJsonObject checksum(Job &job)
{
    const QString path = orThrow(checksumPathOf(job.params()));
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        throw Error(Error::Code::PermissionDenied, u"%1: %2"_s.arg(path, file.errorString()));
    const qint64 size = file.size();
    const QDateTime changed = file.fileTime(QFileDevice::FileModificationTime);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    QByteArray block(std::clamp<qint64>(size, 1, checksumBlock), Qt::Uninitialized);
    qint64 done = 0;
    while (done < size) { // no further: some files of the system have no end
        if (job.stopToken().stop_requested())
            throw Error::cancelled();
        const qint64 got = file.read(block.data(), std::min(size - done, qint64(block.size())));
        if (got <= 0)
            break;
        hash.addData(QByteArrayView(block).first(got));
        done += got;
        job.setProgress(100.0 * double(done) / double(size), u"%1 of %2 bytes"_s.arg(done).arg(size));
    }
    if (done != size || file.size() != size || file.fileTime(QFileDevice::FileModificationTime) != changed)
        throw Error(Error::Code::Conflict, u"%1 was changed while it was read"_s.arg(path));
    return { { u"sha256"_s, QString::fromLatin1(hash.result().toHex()) }, { u"bytes"_s, size } };
}

/// `checksum` `{path: "/file"}`: SHA-256 of a file of this machine, `{sha256, bytes}`.
Kind checksumKind(const Resources &)
{
    return { .name = u"checksum"_s,
             .handler = checksum,
             .options
             = { .concurrency = 2, .check = [](const QJsonObject &params) { orThrow(checksumPathOf(params)); } } };
}

} // namespace godwit::tasks
