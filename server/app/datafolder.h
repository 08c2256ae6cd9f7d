// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QString>

#include <memory>

namespace godwit::app {

/// The folder of the database, for this process alone while this lives. Made (0700) if it is missing.
class DataFolder
{
public:
    /// Error::Conflict if another process has it; its message says where that one listens, as far as it is known.
    static Result<DataFolder> open(const QString &path);
    /// Only makes it if it is missing.
    static Result<void> make(const QString &path);
    /// Makes the database, empty, if it is missing, and 0600 in any case: a folder that was there before may be open to
    /// others, and the database has the passwords' hashes and all that was said. SQLite gives the files beside it the
    /// same permissions. Before it is opened.
    static void hideDatabase(const QString &path);
    DataFolder(DataFolder &&) noexcept;
    ~DataFolder();

    const QString &path() const { return m_path; }
    /// Where the process that has the folder listens, for those that find it locked.
    void announce(const QString &url);
    /// What the process that has @p path announced; empty if nobody does.
    static QString announcedUrl(const QString &path);

private:
    class Lock;
    DataFolder(QString path, std::unique_ptr<Lock> lock);

    QString m_path;
    std::unique_ptr<Lock> m_lock;
};

} // namespace godwit::app
