// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/addresspolicy.h"

#include <QUrl>

#include <algorithm>
#include <array>
#include <optional>

using namespace Qt::StringLiterals;

namespace godwit::outbound {

namespace {

struct Range4
{
    quint32 first;
    int bits;
    AddressKind kind;
};

// From narrow to wide where they overlap.
constexpr std::array ranges4{
    Range4{ 0xffffffff, 32, AddressKind::Broadcast },
    Range4{ 0x00000000, 8, AddressKind::Unspecified }, // RFC 791, "this network"
    Range4{ 0x0a000000, 8, AddressKind::Private }, // RFC 1918
    Range4{ 0x64400000, 10, AddressKind::Shared }, // RFC 6598
    Range4{ 0x7f000000, 8, AddressKind::Loopback },
    Range4{ 0xa9fe0000, 16, AddressKind::LinkLocal }, // RFC 3927
    Range4{ 0xac100000, 12, AddressKind::Private },
    Range4{ 0xc0000000, 24, AddressKind::Reserved }, // RFC 6890, protocol assignments
    Range4{ 0xc0000200, 24, AddressKind::Documentation }, // RFC 5737
    Range4{ 0xc0586300, 24, AddressKind::Reserved }, // RFC 7526, 6to4 relays
    Range4{ 0xc0a80000, 16, AddressKind::Private },
    Range4{ 0xc6120000, 15, AddressKind::Reserved }, // RFC 2544, benchmarks
    Range4{ 0xc6336400, 24, AddressKind::Documentation },
    Range4{ 0xcb007100, 24, AddressKind::Documentation },
    Range4{ 0xe0000000, 4, AddressKind::Multicast },
    Range4{ 0xf0000000, 4, AddressKind::Reserved },
};

AddressKind classify4(quint32 address)
{
    for (const Range4 &range : ranges4) {
        if ((address ^ range.first) >> (32 - range.bits) == 0)
            return range.kind;
    }
    return AddressKind::Public;
}

quint32 word(const Q_IPV6ADDR &bytes, int at)
{
    return quint32(bytes[at]) << 24 | quint32(bytes[at + 1]) << 16 | quint32(bytes[at + 2]) << 8 | bytes[at + 3];
}

/// The IPv4 address that an IPv6 one carries.
std::optional<quint32> carried(const Q_IPV6ADDR &bytes)
{
    const quint32 first = word(bytes, 0), second = word(bytes, 4), third = word(bytes, 8), last = word(bytes, 12);
    if (first == 0 && second == 0 && third == 0x0000ffff)
        return last; // mapped, RFC 4291
    if (first == 0 && second == 0 && third == 0 && last > 1)
        return last; // compatible, RFC 4291; 0 and 1 are the unspecified and the loopback address
    if (first == 0 && second == 0 && third == 0xffff0000)
        return last; // translated, RFC 2765: ::ffff:0:192.0.2.1
    if (first == 0x0064ff9b && second == 0 && third == 0)
        return last; // NAT64, RFC 6052
    if (first >> 16 == 0x2002)
        return first << 16 | second >> 16; // 6to4, RFC 3056
    if ((third & 0xfcffffff) == 0x00005efe)
        return last; // ISATAP, RFC 5214
    return {};
}

AddressKind classify6(const Q_IPV6ADDR &bytes)
{
    const quint32 first = word(bytes, 0);
    if (first >> 24 == 0xff)
        return AddressKind::Multicast;
    if (first >> 22 == 0xfe80 >> 6)
        return AddressKind::LinkLocal;
    if (first >> 22 == 0xfec0 >> 6)
        return AddressKind::Private; // site-local, RFC 3879
    if (first >> 25 == 0xfc >> 1)
        return AddressKind::UniqueLocal;
    if (first == 0x20010db8 || first >> 12 == 0x3fff0000 >> 12)
        return AddressKind::Documentation; // RFC 3849, RFC 9637
    if (first == 0 && word(bytes, 4) == 0 && word(bytes, 8) == 0 && word(bytes, 12) <= 1)
        return word(bytes, 12) == 0 ? AddressKind::Unspecified : AddressKind::Loopback;
    if (const auto address = carried(bytes))
        return classify4(*address);
    // Protocol assignments with Teredo, which hides two more addresses (RFC 2928, RFC 4380); and all that is not global
    // unicast, 2000::/3, as the local NAT64 of RFC 8215 and the discard prefix of RFC 6666.
    if (first >> 9 == 0x20010000 >> 9 || first >> 29 != 0x20000000 >> 29)
        return AddressKind::Reserved;
    return AddressKind::Public;
}

bool isHostName(const QString &text)
{
    return !text.isEmpty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](QChar c) {
        return (c >= u'a' && c <= u'z') || (c >= u'0' && c <= u'9') || c == u'-' || c == u'.' || c == u'_';
    });
}

} // namespace

QString toString(AddressKind kind)
{
    switch (kind) {
    case AddressKind::Public:
        return u"public"_s;
    case AddressKind::Unspecified:
        return u"unspecified"_s;
    case AddressKind::Loopback:
        return u"loopback"_s;
    case AddressKind::Private:
        return u"private"_s;
    case AddressKind::LinkLocal:
        return u"link-local"_s;
    case AddressKind::UniqueLocal:
        return u"unique-local"_s;
    case AddressKind::Shared:
        return u"shared"_s;
    case AddressKind::Multicast:
        return u"multicast"_s;
    case AddressKind::Broadcast:
        return u"broadcast"_s;
    case AddressKind::Documentation:
        return u"documentation"_s;
    case AddressKind::Reserved:
        return u"reserved"_s;
    }
    Q_UNREACHABLE();
}

AddressKind classify(const QHostAddress &address)
{
    switch (address.protocol()) {
    case QAbstractSocket::IPv4Protocol:
        return classify4(address.toIPv4Address());
    case QAbstractSocket::IPv6Protocol:
        return classify6(address.toIPv6Address());
    default:
        return AddressKind::Unspecified;
    }
}

QHostAddress unmapped(const QHostAddress &address)
{
    if (address.protocol() != QAbstractSocket::IPv6Protocol)
        return address;
    const Q_IPV6ADDR bytes = address.toIPv6Address();
    const bool isMapped = word(bytes, 0) == 0 && word(bytes, 4) == 0 && word(bytes, 8) == 0x0000ffff;
    return isMapped ? QHostAddress(word(bytes, 12)) : address;
}

Result<AddressPolicy> AddressPolicy::parse(const QStringList &allow)
{
    AddressPolicy policy;
    for (const QString &entry : allow) {
        const QString text = entry.trimmed();
        const bool isAddress = text.contains(u'/') || !QHostAddress(text).isNull();
        const QPair<QHostAddress, int> network
            = isAddress ? QHostAddress::parseSubnet(text) : qMakePair(QHostAddress(), -1);
        const QString host = isAddress ? QString() : QString::fromLatin1(QUrl::toAce(text)).toLower();
        if (network.second >= 0)
            policy.m_networks.append(network);
        else if (isHostName(host))
            policy.m_hosts.insert(host);
        else
            return failure(Error::Code::InvalidArgument,
                           u"\"%1\": expected a network such as 10.0.0.0/8, an address or a host name"_s.arg(entry));
    }
    return policy;
}

bool AddressPolicy::allows(const QHostAddress &address) const
{
    return std::any_of(m_networks.cbegin(), m_networks.cend(),
                       [&address](const auto &network) { return address.isInSubnet(network); });
}

Result<QList<QHostAddress>> AddressPolicy::admit(const QString &host, const QList<QHostAddress> &addresses) const
{
    const bool isNamed = m_hosts.contains(host.toLower());
    QList<QHostAddress> admitted;
    for (const QHostAddress &address : addresses) {
        const QHostAddress plain = unmapped(address);
        if (isNamed || classify(plain) == AddressKind::Public || allows(plain))
            admitted.append(plain);
    }
    if (!admitted.isEmpty())
        return admitted;
    if (addresses.isEmpty())
        return failure(Error::Code::NotFound, u"%1 has no address"_s.arg(host));
    const QHostAddress first = unmapped(addresses.first());
    QString text = first.toString();
    if (text != host)
        text = u"%1 (%2)"_s.arg(host, text);
    return failure(Error::Code::PermissionDenied,
                   u"%1 is a %2 address and not of the public internet; [outbound] allow in the configuration can name "
                   u"its network or host"_s.arg(text, toString(classify(first))));
}

} // namespace godwit::outbound
