// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/router.h"
#include "server/search/service.h"

namespace godwit::search {

/// GET /api/search, POST /api/documents, GET, PUT and DELETE /api/documents/{id}. @p service outlives the router.
void addSearchRoutes(http::Router &router, Service &service);

} // namespace godwit::search
