// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/origincheck.h"

using namespace Qt::StringLiterals;

namespace godwit::middleware {

OriginCheck::OriginCheck(QList<QByteArray> origins)
    : m_origins(std::move(origins)),
      m_allowsAll(m_origins.contains("*"_ba))
{
}

void OriginCheck::before(http::Exchange &exchange)
{
    if (m_allowsAll || !exchange.request.wantsWebSocket())
        return;
    const QByteArrayView origin = exchange.request.header("Origin");
    if (!origin.isNull() && !isAllowed(exchange.request, origin))
        throw Error(Error::Code::PermissionDenied, u"pages of this origin may not connect"_s);
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
