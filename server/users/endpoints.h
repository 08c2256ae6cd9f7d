// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/router.h"
#include "server/users/service.h"

namespace godwit::users {

/// `/api/users` and what is below it. Who has logged in may read users; what is a user's own (preferences, activity,
/// connections, overview) is for this user and for admins; accounts are changed by admins.
void addUserRoutes(http::Router &router, Service &service);

} // namespace godwit::users
