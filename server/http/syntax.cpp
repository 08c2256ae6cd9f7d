// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/syntax.h"

#include <QHostAddress>
#include <QString>

namespace godwit::http::syntax {

namespace {

bool isPort(QByteArrayView text)
{
    int port = 0;
    for (const char c : text) {
        if (c < '0' || c > '9')
            return false;
        port = port * 10 + (c - '0');
        if (port > 65535)
            return false;
    }
    return true; // empty is the scheme's own port
}

/// What stands in the brackets: an IPv6 address. IPvFuture has never been assigned; zones are not for the wire.
bool isIpv6(QByteArrayView text)
{
    for (const char c : text) {
        const bool isAllowed
            = (c >= '0' && c <= '9') || (toLower(c) >= 'a' && toLower(c) <= 'f') || c == ':' || c == '.';
        if (!isAllowed)
            return false;
    }
    return QHostAddress(QString::fromLatin1(text)).protocol() == QAbstractSocket::IPv6Protocol;
}

bool isRegisteredName(QByteArrayView text)
{
    static constexpr CharacterSet set = charactersOf("-._~!$&'()*+,;=%");
    for (const char c : text) {
        if (!set[static_cast<unsigned char>(c)])
            return false;
    }
    return true;
}

} // namespace

bool isAuthority(QByteArrayView text, bool mayBeEmpty)
{
    if (text.isEmpty())
        return mayBeEmpty;
    if (text.front() == '[') {
        const qsizetype end = text.indexOf(']');
        if (end < 0 || !isIpv6(text.sliced(1, end - 1)))
            return false;
        const QByteArrayView rest = text.sliced(end + 1);
        return rest.isEmpty() || (rest.front() == ':' && isPort(rest.sliced(1)));
    }
    const qsizetype colon = text.indexOf(':');
    const QByteArrayView name = colon < 0 ? text : text.first(colon);
    return !name.isEmpty() && isRegisteredName(name) && (colon < 0 || isPort(text.sliced(colon + 1)));
}

} // namespace godwit::http::syntax
