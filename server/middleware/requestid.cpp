// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/requestid.h"

#include "shared/core/ids.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::middleware {

/// What can stand in a header, a log line and a query without being escaped.
static bool isValid(QByteArrayView id)
{
    const auto isAllowed = [](char c) {
        const char lower = char(c | 0x20);
        return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    return !id.isEmpty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), isAllowed);
}

void RequestId::before(http::Exchange &exchange)
{
    const QByteArrayView given = exchange.request.header("X-Request-Id");
    exchange.requestId = isValid(given) ? given.toByteArray() : makeRequestId();
}

void RequestId::after(http::Exchange &exchange, http::Response &response)
{
    if (response.header("X-Request-Id").isNull())
        response.add("X-Request-Id"_ba, exchange.requestId);
    else
        response.set("X-Request-Id", exchange.requestId);
}

} // namespace godwit::middleware
