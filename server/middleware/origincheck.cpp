// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/origincheck.h"

using namespace Qt::StringLiterals;

namespace godwit::middleware {

/// RFC 9110, 9.2.1.
static bool isSafe(http::Method method)
{
    return method == http::Method::Get || method == http::Method::Head || method == http::Method::Options;
}

OriginCheck::OriginCheck(QList<QByteArray> origins)
    : m_origins(std::move(origins)),
      m_allowsAll(m_origins.contains("*"_ba))
{
}

void OriginCheck::before(http::Exchange &exchange)
{
    if (m_allowsAll || (isSafe(exchange.request.method()) && !exchange.request.wantsWebSocket()))
        return;
    const QByteArrayView origin = exchange.request.header("Origin");
    if (!origin.isNull() && !isAllowed(exchange.request, origin))
        throw Error(Error::Code::PermissionDenied,
                    u"pages of this origin may neither write nor open WebSockets; [cors] origins allows them to"_s);
}

bool OriginCheck::isAllowed(const http::Request &request, QByteArrayView origin) const
{
    const qsizetype scheme = origin.indexOf("://");
    const QByteArrayView host = request.header("Host");
    if (scheme > 0 && !host.isEmpty() && origin.sliced(scheme + 3).compare(host, Qt::CaseInsensitive) == 0)
        return true;
    for (const QByteArray &allowed : m_origins) {
        if (origin.compare(allowed, Qt::CaseInsensitive) == 0)
            return true;
    }
    return false;
}

} // namespace godwit::middleware
