// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QByteArray>
#include <QString>
#include <QUrl>

namespace godwit::client {

/// Where a daemon of this OS user keeps its data when nobody says otherwise: `GODWIT_SERVER_DATA`, else
/// `$XDG_DATA_HOME/godwit`, as the daemon itself finds it.
QString defaultDataFolder();

/// The token by which programs of the same OS user connect to a daemon of this machine without a login. The daemon
/// writes `local-token` (0600) anew at each start; beside it `godwitd.lock` says at which address it listens.
///
/// The token is given out for exactly that address: whoever else listens on this machine (also as `localhost`, which
/// may mean ::1) must not get it.
class LocalToken
{
public:
    LocalToken(QUrl server, QString dataFolder);

    /// Reads it from the disk. NotFound: no daemon of this folder listens there, so there is no such token;
    /// Unavailable: a daemon may be starting there that has not said yet where it listens.
    Result<QByteArray> read() const;

private:
    QUrl m_server;
    QString m_folder;
};

} // namespace godwit::client
