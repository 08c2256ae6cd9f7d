// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"

#include <QByteArray>
#include <QList>
#include <QString>

#include <memory>

namespace godwit::files {

/// An upload's data so far. One thread at a time.
class PartFile
{
    Q_DISABLE_COPY_MOVE(PartFile)

public:
    PartFile(int descriptor, qint64 size) : m_descriptor(descriptor), m_size(size) { }
    ~PartFile();

    qint64 size() const { return m_size; }
    /// All of it or nothing. Throws UploadError::NoSpace, Error::Internal.
    void append(QByteArrayView bytes);
    void sync(); ///< to the disk: what size() says is there after a loss of power
    void truncate(qint64 size);
    QByteArray read(qint64 at, qsizetype size) const; ///< fewer at the end

private:
    const int m_descriptor;
    qint64 m_size;
};

/// The directory of the files, and below it `.uploads` with what has not become one: on the same file system, so that a
/// finished upload appears at once and whole. Names have gone through fileName(). All functions block, and throw
/// Error::Internal; any thread.
class Folder
{
    Q_DISABLE_COPY_MOVE(Folder)

public:
    /// Makes what is missing (0700).
    explicit Folder(const QString &path);
    ~Folder();

    const QString &path() const { return m_path; }
    qint64 freeBytes() const;

    struct Found
    {
        QString name;
        qint64 size = 0;
        Timestamp changedAt{};
    };
    /// Regular files whose names are good.
    QList<Found> files() const;
    bool remove(const QString &name); ///< false: there is none

    /// Made if it is missing; what it has beyond @p size is cut off. Throws Error::NotFound if it has less.
    std::shared_ptr<PartFile> openPart(const QByteArray &id, qint64 size);
    void removePart(const QByteArray &id);
    QList<QByteArray> parts() const;
    /// It becomes the file of that name, also after a loss of power; false if there is one already.
    bool publish(const QByteArray &id, const QString &name);

private:
    const QString m_path;
    int m_files = -1, m_parts = -1; // descriptors of the two folders: whoever swaps one meanwhile changes nothing
};

} // namespace godwit::files
