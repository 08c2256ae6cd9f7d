// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/localtoken.h"

#include "server/auth/secretfile.h"
#include "server/auth/secrets.h"

#include <QDir>

using namespace Qt::StringLiterals;

namespace godwit::auth {

QByteArray writeLocalToken(const QString &dataFolder)
{
    QByteArray token = "gwl_" + randomBytes(32).toHex();
    writeSecretFile(QDir(dataFolder).filePath(u"local-token"_s), token + '\n');
    return token;
}

} // namespace godwit::auth
