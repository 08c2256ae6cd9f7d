// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/pipeline.h"

namespace godwit::middleware {

/// Gives each request an id, told as `X-Request-Id` with every answer, in problems and in the log. The client's own is
/// kept if it has 1 to 128 characters of `[A-Za-z0-9._-]`.
class RequestId final : public http::Middleware
{
public:
    void before(http::Exchange &exchange) override;
    void after(http::Exchange &exchange, http::Response &response) override;
};

} // namespace godwit::middleware
