// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QHostAddress>
#include <QStringList>

namespace godwit::http {

class Request;

/// The networks whose machines may say for whom they speak. What anybody else says of `Forwarded` (RFC 7239) or
/// `X-Forwarded-For` is not looked at: it would be a way around every limit by address. A value.
class TrustedProxies
{
public:
    TrustedProxies() = default; ///< nobody
    /// `10.0.0.0/8`, `fd00::/8`, `192.0.2.7`; `unix` for the peers of Unix sockets. The error names the entry.
    static Result<TrustedProxies> parse(const QStringList &networks);

    bool isEmpty() const { return m_networks.isEmpty() && !m_trustsUnix; }
    /// @p peer is null for a Unix socket.
    bool trusts(const QHostAddress &peer) const;
    /// The client for whom @p peer speaks: the last hop, read from the right, that is no trusted proxy itself. @p peer
    /// where it is not trusted or says nothing that can be read.
    QHostAddress clientOf(const Request &request, const QHostAddress &peer) const;

private:
    using Network = QPair<QHostAddress, int>;
    QList<Network> m_networks;
    bool m_trustsUnix = false;
};

} // namespace godwit::http
