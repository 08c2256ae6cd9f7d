// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/pipeline.h"

namespace godwit::auth {
class Authenticator;
}

namespace godwit::middleware {

/// Finds out who asks, and sets Exchange::principal: by `Authorization: Bearer`, or for a GET by `?ticket=` (a
/// browser's WebSocket and EventSource cannot set fields). In open mode everybody is somebody: whom `?user=` names, or
/// `anonymous`. `?user=` names the bearer of the local token, too; nobody else.
///
/// Refuses nobody: a token that is not good matters only where a principal is needed, and is told of there.
class Authentication final : public http::Middleware
{
public:
    explicit Authentication(auth::Authenticator &authenticator) : m_authenticator(authenticator) { }
    void before(http::Exchange &exchange) override;
    void after(http::Exchange &exchange, http::Response &response) override;

private:
    void find(http::Exchange &exchange, QByteArrayView ticket, const QString &user);

    auth::Authenticator &m_authenticator;
};

} // namespace godwit::middleware
