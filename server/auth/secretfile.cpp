// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/secretfile.h"

#include <QFile>
#include <QLoggingCategory>
#include <QSaveFile>

#include <optional>

using namespace Qt::StringLiterals;

namespace godwit::auth {

Q_LOGGING_CATEGORY(secretFileLog, "godwit.auth")

static constexpr auto ownerOnly = QFile::ReadOwner | QFile::WriteOwner;
static constexpr auto others
    = QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther | QFile::WriteOther | QFile::ExeOther;

void writeSecretFile(const QString &path, const QByteArray &content)
{
    QSaveFile file(path);
    // Before a byte is in it. A permission that an older file had would be taken over otherwise.
    if (!file.open(QIODevice::WriteOnly) || !file.setPermissions(ownerOnly) || file.write(content) != content.size()
        || !file.commit())
        throw Error::internal(u"%1: %2"_s.arg(path, file.errorString()));
}

std::optional<QByteArray> readSecretFile(const QString &path)
{
    QFile file(path);
    if (!file.exists())
        return {};
    if (file.permissions() & others) {
        qCWarning(secretFileLog, "%s could be read by others: made 0600", qUtf8Printable(path));
        file.setPermissions(ownerOnly);
    }
    if (!file.open(QIODevice::ReadOnly))
        throw Error::internal(u"%1: %2"_s.arg(path, file.errorString()));
    return file.readAll();
}

} // namespace godwit::auth
