// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/requestid.h"

#include "shared/core/ids.h"

using namespace Qt::StringLiterals;

namespace godwit::middleware {

void RequestId::before(http::Exchange &exchange)
{
    const QByteArrayView given = exchange.request.header("X-Request-Id");
    exchange.requestId = isRequestId(given) ? given.toByteArray() : makeRequestId();
}

void RequestId::after(http::Exchange &exchange, http::Response &response)
{
    if (response.header("X-Request-Id").isNull())
        response.add("X-Request-Id"_ba, exchange.requestId);
    else
        response.set("X-Request-Id", exchange.requestId);
}

} // namespace godwit::middleware
