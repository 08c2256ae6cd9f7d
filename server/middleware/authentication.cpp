// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/authentication.h"

#include "server/auth/authenticator.h"
#include "server/http/body.h"
#include "server/http/problem.h"
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
            believesName = found->isLocal();
            exchange.principal = std::move(found->principal);
            exchange.login = std::move(found->claims);
        } else {
            exchange.tokenFault = found.error().message();
        }
    }
    if (!believesName)
        return;
    if (!user.isEmpty()) {
        exchange.principal = orThrow(m_authenticator.byName(user));
        exchange.login.reset();
    } else if (!exchange.principal) {
        exchange.principal = m_authenticator.anonymous();
    }
}

/// A stream would go on for ever: whoever opens one is looked at once more, as they may have been removed while their
/// request was worked on. Those that are open already: app::LoginWatch.
void Authentication::after(http::Exchange &exchange, http::Response &response)
{
    if (!exchange.login || !response.body() || !response.body()->isEndless()) [[likely]]
        return;
    const auto claims = std::static_pointer_cast<const auth::Claims>(exchange.login);
    if (!m_authenticator.isStillGood(*claims, *exchange.principal))
        response = http::problem(Error(Error::Code::Unauthenticated, u"the login has ended"_s), exchange);
}

} // namespace godwit::middleware
