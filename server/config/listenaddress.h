// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QHostAddress>
#include <QString>

namespace godwit::config {

/// Where the daemon accepts connections: `127.0.0.1:8420`, `[::1]:0`, `localhost:8420` or `unix:/run/godwit.sock`.
struct ListenAddress
{
    QHostAddress host; ///< null for a Unix socket
    quint16 port = 0; ///< 0: a free one
    QString unixPath;

    bool isUnix() const { return !unixPath.isEmpty(); }
    /// Whether only programs on this machine can connect.
    bool isLocal() const { return isUnix() || host.isLoopback(); }
    QString toString() const;
    bool operator==(const ListenAddress &) const = default;

    static ListenAddress tcp(const QHostAddress &host, quint16 port)
    {
        return { .host = host, .port = port, .unixPath = {} };
    }
    static Result<ListenAddress> fromString(const QString &text);
};

} // namespace godwit::config
