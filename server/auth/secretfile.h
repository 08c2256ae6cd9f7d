// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QByteArray>
#include <QString>

namespace godwit::auth {

/// Writes a file that nobody but its owner can read (0600), at once: whoever reads it finds the old or the new one.
/// Throws Error::Internal where it cannot.
void writeSecretFile(const QString &path, const QByteArray &content);

/// Nothing if there is no such file. One that others can read is made 0600 and complained about in the log. Throws
/// Error::Internal if it cannot be read.
std::optional<QByteArray> readSecretFile(const QString &path);

} // namespace godwit::auth
