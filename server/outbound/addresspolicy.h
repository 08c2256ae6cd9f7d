// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QHostAddress>
#include <QSet>
#include <QStringList>

namespace godwit::outbound {

/// What an address is for, by IANA's registries of special-purpose addresses (RFC 6890 and its updates).
enum class AddressKind {
    Public, ///< the internet
    Unspecified, ///< 0.0.0.0/8, ::, which a system takes for itself
    Loopback,
    Private, ///< RFC 1918; site-local
    LinkLocal, ///< 169.254/16 with the clouds' metadata services; fe80::/10
    UniqueLocal, ///< fc00::/7
    Shared, ///< 100.64/10, carrier-grade NAT
    Multicast,
    Broadcast,
    Documentation,
    Reserved, ///< all else that is not for reaching a machine of the internet
};

QString toString(AddressKind kind); ///< `loopback`, `link-local`, ...

/// Pure. An IPv6 address that carries an IPv4 one (mapped, compatible, translated, NAT64, 6to4, ISATAP) is what the
/// carried one is: that is where its packets may end.
AddressKind classify(const QHostAddress &address);

/// The IPv4 address of an IPv4-mapped one (::ffff:192.0.2.1), else @p address: what the system would connect to.
QHostAddress unmapped(const QHostAddress &address);

/// Whom the server may talk to on somebody else's word: the public internet, and what the configuration names. Against
/// server-side request forgery (OWASP): a URL must not be a way into the network that the server stands in. A value.
class AddressPolicy
{
public:
    AddressPolicy() = default; ///< the public internet only
    /// `10.1.0.0/16`, `fd00::/8`, `192.168.1.7`, `build.example`; the error names the entry.
    static Result<AddressPolicy> parse(const QStringList &allow);

    /// Those of @p addresses that may be connected to, unmapped, in order. Error::PermissionDenied if there is none,
    /// which says what the first is and how to allow it. @p host is the name that they were found by.
    Result<QList<QHostAddress>> admit(const QString &host, const QList<QHostAddress> &addresses) const;

private:
    bool allows(const QHostAddress &address) const;

    QList<QPair<QHostAddress, int>> m_networks;
    QSet<QString> m_hosts; // in lower case, as ASCII
};

} // namespace godwit::outbound
