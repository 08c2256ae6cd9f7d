// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QFile>
#include <QString>

#include <memory>

namespace godwit::http {

/// A folder out of which nothing leads: files are opened relative to it, and neither `..`, an absolute path nor a
/// symbolic link gets outside, whoever swaps folders meanwhile. Any thread.
class RootFolder
{
public:
    /// Throws Error::NotFound if there is no such folder.
    explicit RootFolder(const QString &path);
    ~RootFolder();
    RootFolder(const RootFolder &) = delete;
    RootFolder &operator=(const RootFolder &) = delete;

    /// A regular file, open for reading. Error::NotFound for all else: what is outside, is a folder, or may not be read
    /// looks the same from outside.
    Result<std::unique_ptr<QFile>> open(const QString &relativePath) const;

private:
    const QString m_path; // canonical
    int m_descriptor = -1; // of the folder, where the system has such
};

namespace detail {

/// Opens a file of @p folder by openat(), component by component, following no symbolic link at all; -1 if that fails.
/// For kernels without openat2(). Unix only.
int openByComponents(int folder, const QByteArray &path);

} // namespace detail

} // namespace godwit::http
