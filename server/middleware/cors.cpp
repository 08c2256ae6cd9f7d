// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/cors.h"

using namespace Qt::StringLiterals;

namespace godwit::middleware {

Cors::Cors(const CorsOptions &options)
    : m_options(options),
      m_allowsAll(options.origins.contains("*"_ba)),
      m_methods(options.methods.join(", ")),
      m_headers(options.headers.join(", ")),
      m_exposedHeaders(options.exposedHeaders.join(", ")),
      m_maxAge(QByteArray::number(qint64(options.maxAge.count())))
{
}

void Cors::after(http::Exchange &exchange, http::Response &response)
{
    if (!m_allowsAll)
        response.add("Vary"_ba, "Origin"_ba); // also without one: a cache must not give this answer to a page
    const QByteArrayView given = exchange.request.header("Origin");
    if (given.isEmpty())
        return;
    if (m_allowsAll) {
        response.add("Access-Control-Allow-Origin"_ba, "*"_ba);
    } else {
        const QByteArray origin = given.toByteArray();
        if (!m_options.origins.contains(origin))
            return;
        response.add("Access-Control-Allow-Origin"_ba, origin);
        if (m_options.credentials)
            response.add("Access-Control-Allow-Credentials"_ba, "true"_ba);
    }
    const bool isPreflight = exchange.request.method() == http::Method::Options
        && exchange.request.hasHeader("Access-Control-Request-Method");
    if (!isPreflight) {
        if (!m_exposedHeaders.isEmpty())
            response.add("Access-Control-Expose-Headers"_ba, m_exposedHeaders);
        return;
    }
    response.add("Access-Control-Allow-Methods"_ba, m_methods);
    response.add("Access-Control-Allow-Headers"_ba, m_headers);
    response.add("Access-Control-Max-Age"_ba, m_maxAge);
}

} // namespace godwit::middleware
