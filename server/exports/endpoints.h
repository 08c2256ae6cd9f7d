// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/exports/service.h"
#include "server/http/router.h"

namespace godwit::exports {

/// `/api/export/{dataset}.csv`, `.json` and `.ndjson`.
void addExportRoutes(http::Router &router, Service &service);

} // namespace godwit::exports
