// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/target.h"

using namespace Qt::StringLiterals;

namespace godwit::outbound {

static constexpr qsizetype longestUrl = 8 * 1024;

static int standardPort(bool isTls)
{
    return isTls ? 443 : 80;
}

static Failure invalid(const QString &what)
{
    return failure(Error::Code::FailedValidation, what);
}

Result<Target> Target::fromUrl(const QUrl &url)
{
    if (!url.isValid())
        return invalid(u"not a URL: "_s + (url.errorString().isEmpty() ? u"it is empty"_s : url.errorString()));
    if (url.toEncoded().size() > longestUrl)
        return invalid(u"the URL is longer than 8 KiB"_s);
    if (url.scheme() != "http"_L1 && url.scheme() != "https"_L1)
        return invalid(u"the URL must begin with http:// or https://, not \"%1:\""_s.arg(url.scheme()));
    if (!url.userInfo().isEmpty())
        return invalid(u"the URL must not hold a user name or password"_s);

    Target target{ .url = url.adjusted(QUrl::RemoveFragment),
                   .host = url.host(QUrl::FullyEncoded).toLower(),
                   .port = url.port(standardPort(url.scheme() == "https"_L1)),
                   .isTls = url.scheme() == "https"_L1 };
    if (target.host.endsWith(u'.'))
        target.host.chop(1);
    if (target.host.isEmpty())
        return invalid(u"the URL has no host"_s);
    if (target.host.contains(u'%'))
        return invalid(u"the URL's address must not have a zone"_s);
    if (target.port < 1 || target.port > 65535)
        return invalid(u"the URL's port must be 1 to 65535"_s);
    // Also "1", which is 0.0.0.1 to inet_aton() and to the look-up.
    if (const QHostAddress address(target.host); !address.isNull()) {
        target.literal = address;
        target.host = address.toString();
    }
    return target;
}

QString Target::key() const
{
    return (host.contains(u':') ? u"[%1]:%2"_s : u"%1:%2"_s).arg(host, QString::number(port));
}

bool Target::hasSameOrigin(const Target &other) const
{
    return isTls == other.isTls && host == other.host && port == other.port;
}

QByteArray Target::hostHeader() const
{
    const QString name = host.contains(u':') ? u'[' + host + u']' : host;
    return (port == standardPort(isTls) ? name : QString(name + u':' + QString::number(port))).toLatin1();
}

QUrl Target::at(const QHostAddress &address) const
{
    QUrl there = url;
    there.setHost(address.toString());
    return there;
}

} // namespace godwit::outbound
