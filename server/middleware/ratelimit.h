// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/pipeline.h"
#include "server/metrics/inspectable.h"
#include "server/middleware/ratelimits.h"
#include "shared/async/ratelimiter.h"

namespace godwit::middleware {

/// Refuses what a caller asks beyond their rate (429), and says with every answer what is left (`RateLimit`,
/// `RateLimit-Policy`). Each request counts for one limit: that of its endpoint, where it has one, or the caller's.
///
/// Who is who: a user by id; a program of this machine, or a name given in open mode, by name; all others by address,
/// of which IPv6 counts as its /64, for that is what one subscriber is given. A login counts by address, whoever asks.
///
/// Not limited are `/health` and below and `/metrics`, whose callers come at a rhythm of their own, and most of all
/// when there is trouble; the pages and descriptions `/`, `/docs`, `/openapi.json` and `/asyncapi.json`, which are
/// asked for together, lie in memory and cost less than a refusal; and preflights (OPTIONS), which browsers send
/// unasked. All else is, paths that do not exist too.
class RateLimit final : public http::Middleware
{
public:
    /// @param inspector shows each limit, if there is one.
    explicit RateLimit(const RateLimits &limits, metrics::Inspector *inspector = nullptr);

    void before(http::Exchange &exchange) override;
    void after(http::Exchange &exchange, http::Response &response) override;

private:
    async::RateLimiter m_anonymous, m_search, m_login, m_user, m_userSearch;
    std::vector<metrics::Inspector::Registration> m_inspected;
};

} // namespace godwit::middleware
