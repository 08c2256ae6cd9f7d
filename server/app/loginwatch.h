// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/authenticator.h"
#include "server/runtime/reactor.h"

namespace godwit::app {

/// Ends what is open of those who have logged out, were removed or may do less than before: WebSockets are closed with
/// 1008, event streams are cut, so that their clients come again and are told. What nobody has ended stays open, also
/// when its token has expired. Costs nothing until an account or a login changes; then each reactor looks once through
/// its connections. Any thread.
class LoginWatch
{
    Q_DISABLE_COPY_MOVE(LoginWatch)

public:
    /// All must outlive this.
    LoginWatch(auth::LiveAccounts &accounts, const auth::Authenticator &authenticator, runtime::ReactorGroup &reactors);
    ~LoginWatch();

private:
    void look();

    auth::LiveAccounts &m_accounts;
    const auth::Authenticator &m_authenticator;
    runtime::ReactorGroup &m_reactors;
    std::vector<std::atomic<bool>> m_isPosted; // by reactor: a burst of changes is one look
};

} // namespace godwit::app
