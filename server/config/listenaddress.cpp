// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/listenaddress.h"

using namespace Qt::StringLiterals;

namespace godwit::config {

QString ListenAddress::toString() const
{
    if (isUnix())
        return u"unix:"_s + unixPath;
    const QString name = host.toString();
    return (host.protocol() == QAbstractSocket::IPv6Protocol ? u'[' + name + u']' : name) + u':'
        + QString::number(port);
}

Result<ListenAddress> ListenAddress::fromString(const QString &text)
{
    const auto refuse = [&] {
        return failure(
            Error::Code::InvalidArgument,
            u"expected HOST:PORT such as \"127.0.0.1:8420\" or \"[::1]:8420\", or \"unix:PATH\", not \"%1\""_s.arg(
                text));
    };
    if (text.startsWith("unix:"_L1))
        return text.size() > 5 ? Result<ListenAddress>(ListenAddress{ .host = {}, .port = 0, .unixPath = text.mid(5) })
                               : refuse();

    const qsizetype colon = text.lastIndexOf(u':');
    bool isPort = false;
    const uint port = text.mid(colon + 1).toUInt(&isPort);
    if (colon < 1 || !isPort || port > 65535)
        return refuse();
    QString name = text.left(colon);
    const bool isBracketed = name.startsWith(u'[') && name.endsWith(u']');
    if (isBracketed)
        name = name.mid(1, name.size() - 2);
    else if (name.contains(u':'))
        return refuse(); // which of the colons?
    const QHostAddress host(name == "localhost"_L1 ? u"127.0.0.1"_s : name);
    if (host.isNull())
        return refuse();
    return tcp(host, quint16(port));
}

} // namespace godwit::config
