// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/localtoken.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QHostAddress>
#include <QRegularExpression>

namespace godwit::client {

using namespace Qt::StringLiterals;

static constexpr qint64 longestFile = 4096; // bytes; both are one short line

static QString translated(const char *text)
{
    return QCoreApplication::translate("client", text);
}

QString defaultDataFolder()
{
    if (const QString folder = qEnvironmentVariable("GODWIT_SERVER_DATA"); !folder.isEmpty())
        return folder;
    // XDG Base Directory Specification: a relative path is to be ignored.
    const QString home = qEnvironmentVariable("XDG_DATA_HOME");
    return (QDir::isAbsolutePath(home) ? home : QDir::homePath() + u"/.local/share"_s) + u"/godwit"_s;
}

static int portOf(const QUrl &url)
{
    return url.port(url.scheme() == "https"_L1 ? 443 : 80);
}

/// Whether what listens at @p announced is what a connection to @p wanted reaches.
static bool isSame(const QUrl &announced, const QUrl &wanted)
{
    if (announced.scheme() == "unix"_L1 && announced == wanted)
        return true;
    if (announced.scheme() != wanted.scheme() || portOf(announced) != portOf(wanted))
        return false;
    if (announced.host() == wanted.host())
        return true;
    const QHostAddress listening(announced.host()), address(wanted.host());
    if (listening == QHostAddress(QHostAddress::AnyIPv4))
        return address.isLoopback() && address.protocol() == QHostAddress::IPv4Protocol;
    return listening == QHostAddress(QHostAddress::AnyIPv6)
        && (address.isLoopback() || wanted.host() == "localhost"_L1);
}

static bool isThisMachine(const QUrl &url)
{
    if (url.scheme() == "unix"_L1)
        return true;
    const QHostAddress address(url.host());
    return url.host() == "localhost"_L1 || address.isLoopback() || address == QHostAddress(QHostAddress::AnyIPv4)
        || address == QHostAddress(QHostAddress::AnyIPv6);
}

LocalToken::LocalToken(QUrl server, QString dataFolder) : m_server(std::move(server)), m_folder(std::move(dataFolder))
{
}

Result<QByteArray> LocalToken::read() const
{
    static const QRegularExpression form(u"^gwl_[0-9a-f]{64}$"_s);
    const Failure none
        = failure(Error::Code::NotFound, translated("There is no daemon of yours at %1").arg(m_server.authority()));

    if (m_folder.isEmpty() || !isThisMachine(m_server))
        return none;
    const QDir folder(m_folder);
    QFile lock(folder.filePath(u"godwitd.lock"_s));
    if (!lock.open(QIODevice::ReadOnly))
        return none;
    const QString announced = QString::fromUtf8(lock.read(longestFile)).trimmed();
    if (announced.isEmpty())
        return failure(Error::Code::Unavailable, translated("The daemon has not said yet where it listens"));
    if (!isSame(QUrl(announced), m_server))
        return none;
    QFile file(folder.filePath(u"local-token"_s));
    if (!file.open(QIODevice::ReadOnly))
        return none;
    QByteArray token = file.read(longestFile).trimmed();
    if (!form.match(QString::fromLatin1(token)).hasMatch())
        return none;
    return token;
}

} // namespace godwit::client
