// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/drain.h"

#include "server/http/problem.h"

namespace godwit::middleware {

static bool isHealth(QByteArrayView path)
{
    return path == "/health" || path.startsWith("/health/");
}

void Drain::before(http::Exchange &exchange)
{
    if (!m_switch.refuses() || isHealth(exchange.request.path()))
        return;
    throw http::drainingError();
}

void Drain::after(http::Exchange &, http::Response &response)
{
    if (m_switch.isOn())
        response.close();
}

} // namespace godwit::middleware
