// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/audit.h"
#include "server/files/service.h"
#include "server/http/router.h"
#include "server/http/staticfiles.h"

namespace godwit::files {

/// `/files/{name}` and `/api/files`: whoever may read at all reads all files; their owners and operators remove them,
/// which is noted in the audit log.
void addFileRoutes(http::Router &router, Service &service, http::StaticFiles &content, auth::AuditLog &audit);

} // namespace godwit::files
