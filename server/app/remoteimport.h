// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QUrl>

namespace godwit::app {

/// Has a running daemon import @p paths, which it reads itself, and follows its progress. SIGINT and SIGTERM cancel the
/// task. Comes with the local token, if the daemon is that of @p dataFolder. Blocks; @return the exit code. Throws
/// Error.
int importThrough(const QUrl &server, const QStringList &paths, const QString &dataFolder);

} // namespace godwit::app
