// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/trustedproxies.h"

#include "server/http/request.h"
#include "server/http/syntax.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

/// An address as proxies write it: with or without port, IPv6 in brackets where there is a port, quoted or not.
QHostAddress toAddress(QByteArrayView text)
{
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        text = text.sliced(1, text.size() - 2);
    if (text.startsWith('[')) {
        const qsizetype end = text.indexOf(']');
        text = end < 0 ? QByteArrayView() : text.sliced(1, end - 1);
    } else if (text.count(':') == 1) {
        text = text.first(text.indexOf(':'));
    }
    return QHostAddress(QString::fromLatin1(text));
}

/// The `for=` of one element of Forwarded; empty without one.
QByteArrayView forParameter(QByteArrayView element)
{
    while (!element.isEmpty()) {
        const qsizetype semicolon = element.indexOf(';');
        const QByteArrayView pair = syntax::trimmed(semicolon < 0 ? element : element.first(semicolon));
        if (pair.size() > 4 && syntax::equalsLower(pair.first(4), "for="))
            return pair.sliced(4);
        element = semicolon < 0 ? QByteArrayView() : element.sliced(semicolon + 1);
    }
    return {};
}

} // namespace

Result<TrustedProxies> TrustedProxies::parse(const QStringList &networks)
{
    TrustedProxies proxies;
    for (const QString &text : networks) {
        if (text == "unix"_L1) {
            proxies.m_trustsUnix = true;
            continue;
        }
        const Network network = QHostAddress::parseSubnet(text);
        if (network.second < 0)
            return failure(Error::Code::InvalidArgument,
                           u"\"%1\": expected an address or a network such as 10.0.0.0/8"_s.arg(text));
        proxies.m_networks.append(network);
    }
    return proxies;
}

bool TrustedProxies::trusts(const QHostAddress &peer) const
{
    if (peer.isNull())
        return m_trustsUnix;
    return std::any_of(m_networks.cbegin(), m_networks.cend(),
                       [&peer](const Network &network) { return peer.isInSubnet(network); });
}

QHostAddress TrustedProxies::clientOf(const Request &request, const QHostAddress &peer) const
{
    if (!trusts(peer))
        return peer;
    const bool isStandard = request.hasHeader("forwarded");
    const QByteArray chain = request.joinedHeader(isStandard ? "forwarded" : "x-forwarded-for");
    QList<QByteArrayView> hops;
    syntax::forEachElement(chain, [&hops](QByteArrayView hop) {
        hops.append(hop);
        return true;
    });
    // Each proxy appends whom it speaks for: only what trusted ones wrote, from the right, can be believed.
    QHostAddress client = peer;
    for (auto hop = hops.crbegin(); hop != hops.crend(); ++hop) {
        const QHostAddress said = toAddress(isStandard ? forParameter(*hop) : *hop);
        if (said.isNull())
            return client;
        client = said;
        if (!trusts(client))
            return client;
    }
    return client;
}

} // namespace godwit::http
