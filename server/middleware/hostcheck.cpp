// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/hostcheck.h"

#include <QHostAddress>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::middleware {

namespace {

/// Of a valid Host field, without its port.
QByteArrayView nameOf(QByteArrayView host)
{
    const qsizetype colon = host.startsWith('[') ? -1 : host.indexOf(':');
    return colon < 0 ? host : host.first(colon);
}

/// As people and programs write one; the browsers' other forms (0x7f.1) reach us in this one.
bool isIpv4Address(QByteArrayView name)
{
    const bool looksSo
        = std::all_of(name.begin(), name.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    return looksSo && name.count('.') == 3
        && QHostAddress(QString::fromLatin1(name)).protocol() == QAbstractSocket::IPv4Protocol;
}

} // namespace

HostCheck::HostCheck(QList<QByteArray> names) : m_names(std::move(names)), m_allowsAll(m_names.contains("*"_ba)) { }

void HostCheck::before(http::Exchange &exchange)
{
    if (m_allowsAll)
        return;
    const QByteArrayView host = exchange.request.header("Host");
    if (!host.isEmpty() && !isAllowed(host)) // a browser always names one
        throw Error(
            Error::Code::PermissionDenied,
            u"\"%1\" is no name of this server; [server] hosts can make it one"_s.arg(QString::fromLatin1(host)));
}

bool HostCheck::isAllowed(QByteArrayView host) const
{
    if (host.startsWith('[')) // the parser has let addresses pass only
        return true;
    const QByteArrayView name = nameOf(host);
    if (!name.contains('.') || isIpv4Address(name))
        return true;
    const QByteArray lower = name.toByteArray().toLower();
    return lower.endsWith(".localhost") || m_names.contains(lower);
}

} // namespace godwit::middleware
