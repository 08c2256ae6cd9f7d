// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/outbound/request.h"
#include "server/outbound/target.h"

namespace godwit::outbound {

/// Whether @p response sends its reader elsewhere: 301, 302, 303, 307 or 308 with a Location.
bool isRedirect(const Response &response);

/// Where @p response, which is a redirect of @p target's, leads, and makes @p request what is to be sent there (RFC
/// 9110, 15.4): a GET after 303, and for a POST after 301 and 302; without what was secret between us and the first
/// host. Error::FailedValidation for a place that is no Target, or that is less safe: from https to http.
Result<Target> redirected(Request &request, const Target &target, const Response &response);

} // namespace godwit::outbound
