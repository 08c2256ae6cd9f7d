// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace godwit::http {
class Router;
}

namespace godwit::auth {

class Authenticator;
class Service;

/// `/api/auth/...` and `/ws/session`. Both services must outlive the router and the connections.
void registerEndpoints(http::Router &router, Service &service, Authenticator &authenticator);

} // namespace godwit::auth
