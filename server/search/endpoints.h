// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/router.h"
#include "server/search/service.h"

#include <chrono>

namespace godwit::search {

/// GET /api/search, POST /api/documents, GET, PUT and DELETE /api/documents/{id}. @p service outlives the router.
/// @param deadline of a search: 408 beyond.
void addSearchRoutes(http::Router &router, Service &service,
                     std::chrono::milliseconds deadline = std::chrono::seconds(5));

} // namespace godwit::search
