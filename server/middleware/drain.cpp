// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/drain.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::middleware {

static bool isHealth(QByteArrayView path)
{
    return path == "/health" || path.startsWith("/health/");
}

void Drain::before(http::Exchange &exchange)
{
    if (!m_switch.isOn() || isHealth(exchange.request.path()))
        return;
    throw Error(Error::Code::Unavailable, u"the server is shutting down"_s)
        .withDecider({ .kind = Decider::Kind::Shedding, .name = u"drain"_s, .retryAfter = 5s });
}

void Drain::after(http::Exchange &, http::Response &response)
{
    if (m_switch.isOn())
        response.close();
}

} // namespace godwit::middleware
