// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/authentication.h"

#include "server/auth/authenticator.h"
#include "server/http/query.h"

using namespace Qt::StringLiterals;

namespace godwit::middleware {

void Authentication::before(http::Exchange &exchange)
{
    const http::Request &request = exchange.request;
    const QByteArrayView query = request.query();
    if (!query.contains("ticket=") && !query.contains("user=")) [[likely]]
        return find(exchange, {}, {});
    http::QueryReader reader(query);
    const bool takesTicket = request.method() == http::Method::Get;
    const QByteArray ticket = takesTicket ? reader.string("ticket"_L1).toUtf8() : QByteArray();
    const QString user = reader.string("user"_L1);
    if (auto isRead = reader.finish(true); !isRead)
        throw std::move(isRead.error());
    find(exchange, ticket, user);
}

void Authentication::find(http::Exchange &exchange, QByteArrayView ticket, const QString &user)
{
    const QByteArrayView authorization = exchange.request.header("Authorization");
    bool believesName = m_authenticator.mode() == auth::Mode::Open;
    if (!authorization.isNull() || !ticket.isEmpty()) {
        auto found = authorization.isNull() ? m_authenticator.byTicket(ticket)
                                            : m_authenticator.byToken(auth::bearerToken(authorization));
        if (found) {
            exchange.principal = std::move(found->principal);
            believesName = found->isLocal();
        } else {
            exchange.tokenFault = found.error().message();
        }
    }
    if (!believesName)
        return;
    if (!user.isEmpty())
        exchange.principal = orThrow(m_authenticator.byName(user));
    else if (!exchange.principal)
        exchange.principal = m_authenticator.anonymous();
}

} // namespace godwit::middleware
