// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QHostAddress>
#include <QUrl>

#include <optional>

namespace godwit::outbound {

/// A URL that the server may be asked to call, taken apart. Whether its address may be connected to is AddressPolicy's.
struct Target
{
    QUrl url; ///< without fragment
    QString host; ///< in lower case, as ASCII (IDNA), without brackets and without a trailing dot
    int port = 0;
    bool isTls = false;
    std::optional<QHostAddress> literal{}; ///< if the host is an address: nothing to look up

    /// Error::FailedValidation for what is not http or https, or has no host, a user name or password (they would stand
    /// in logs), an address with a zone, port 0, or more than 8 KiB.
    static Result<Target> fromUrl(const QUrl &url);

    QString key() const; ///< `example.com:443`: what a breaker and a limit belong to
    bool hasSameOrigin(const Target &other) const;
    /// `example.com`, `[2001:db8::1]:8080`: without the scheme's own port.
    QByteArray hostHeader() const;
    /// The same with @p address in place of the name: it then can not be looked up again, to another address than was
    /// checked (DNS rebinding).
    QUrl at(const QHostAddress &address) const;
    /// What the certificate must be for; empty: the address.
    QString certificateName() const { return literal ? QString() : host; }
};

} // namespace godwit::outbound
