// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/response.h"
#include "shared/core/error.h"

namespace godwit::http {

class Exchange;

/// The one place where an Error becomes a status: RFC 9457, with `request_id`, `instance` and `decider`, `Retry-After`
/// on 429 and 503, `WWW-Authenticate` on 401. Details of Error::Internal go to the log and nowhere else.
Response problem(const Error &error, const Exchange &exchange);

/// The same for what has no Error: the framing's refusals (400, 408, 413, 414, 431, 501, 505), 404, 405, 426.
Response problem(Status status, const QString &detail, const Exchange *exchange = nullptr);

} // namespace godwit::http
