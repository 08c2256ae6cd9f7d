// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/loginwatch.h"

#include "server/http/channelregistry.h"
#include "server/http/exchange.h"
#include "server/websocket/reactorsockets.h"

using namespace Qt::StringLiterals;

namespace godwit::app {

LoginWatch::LoginWatch(auth::LiveAccounts &accounts, const auth::Authenticator &authenticator,
                       runtime::ReactorGroup &reactors)
    : m_accounts(accounts),
      m_authenticator(authenticator),
      m_reactors(reactors),
      m_isPosted(size_t(reactors.size()))
{
    m_accounts.setListener([this] {
        for (int i = 0; i < m_reactors.size(); ++i) {
            if (!m_isPosted[size_t(i)].exchange(true))
                m_reactors.at(i).post([this, i] {
                    m_isPosted[size_t(i)] = false; // before the look: what changes now is looked at again
                    look();
                });
        }
    });
}

LoginWatch::~LoginWatch()
{
    m_accounts.setListener({});
    m_reactors.callOnAll([](int) { }); // what was posted has been run
}

/// On a reactor.
void LoginWatch::look()
{
    const auto isOver = [this](const std::shared_ptr<const void> &login, const protocol::Principal &principal) {
        const auto claims = std::static_pointer_cast<const auth::Claims>(login); // who authenticates has set it
        return claims && !m_authenticator.isStillGood(*claims, principal);
    };
    http::ChannelRegistry::ofThisThread().endStreams([&isOver](const http::Exchange &exchange) {
        return exchange.principal && isOver(exchange.login, *exchange.principal);
    });
    websocket::ReactorSockets::ofThisThread().closeWhere(isOver, u"the login has ended"_s);
}

} // namespace godwit::app
