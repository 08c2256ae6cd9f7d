// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/ratelimit.h"

#include "server/metrics/inspecttoolkit.h"

#include <cstring>

using namespace Qt::StringLiterals;

namespace godwit::middleware {

namespace {

/// What a caller is counted by.
using Key = QVarLengthArray<char, 64>;

/// Two seconds' worth at once, so that a page or window that opens may ask a dozen things together.
async::RateLimiter::Options perSecond(QString name, int rate)
{
    return { .name = std::move(name), .perSecond = double(rate), .burst = 2 * rate };
}

bool isUnlimited(const http::Request &request)
{
    const QByteArrayView path = request.path();
    if (path.startsWith("/api/")) [[likely]]
        return request.method() == http::Method::Options;
    return path == "/health" || path.startsWith("/health/") || path == "/metrics" || path == "/" || path == "/docs"
        || path == "/openapi.json" || path == "/asyncapi.json" || request.method() == http::Method::Options;
}

void append(Key &key, const void *from, size_t size)
{
    const qsizetype at = key.size();
    key.resize(at + qsizetype(size));
    std::memcpy(key.data() + at, from, size);
}

Key keyOf(const QHostAddress &address)
{
    Key key;
    bool isV4 = false;
    const quint32 v4 = address.toIPv4Address(&isV4); // also of ::ffff:192.0.2.1
    if (isV4) {
        append(key, &v4, sizeof v4);
    } else if (!address.isNull()) { // else a Unix socket: all of them together
        const Q_IPV6ADDR v6 = address.toIPv6Address();
        append(key, v6.c, 8); // the /64
    }
    return key;
}

Key keyOf(const protocol::Principal &principal)
{
    Key key;
    append(key, &principal.userId, sizeof principal.userId);
    if (principal.userId == 0) {
        const QByteArray name = principal.name.toUtf8().left(256);
        append(key, name.constData(), size_t(name.size()));
    }
    return key;
}

/// Whom authentication found, or null if it found nobody in particular.
const protocol::Principal *whoIs(const http::Exchange &exchange)
{
    const protocol::Principal *const principal = exchange.principal.get();
    return principal && (principal->userId != 0 || principal->name != "anonymous"_L1) ? principal : nullptr;
}

} // namespace

RateLimit::RateLimit(const RateLimits &limits, metrics::Inspector *inspector)
    : m_anonymous(perSecond(u"anonymous"_s, limits.anonymous)),
      m_search(perSecond(u"search"_s, limits.search)),
      m_login({ .name = u"login"_s, .perSecond = limits.login / 60.0, .burst = limits.login }),
      m_user(perSecond(u"user"_s, limits.user)),
      m_userSearch(perSecond(u"user-search"_s, limits.userSearch))
{
    if (!inspector)
        return;
    for (const async::RateLimiter *const limiter : { &m_anonymous, &m_search, &m_login, &m_user, &m_userSearch })
        m_inspected.push_back(inspector->add(metrics::inspectable(*limiter)));
}

void RateLimit::before(http::Exchange &exchange)
{
    const http::Request &request = exchange.request;
    if (isUnlimited(request))
        return;
    const protocol::Principal *const user = whoIs(exchange);
    const QByteArrayView path = request.path();
    const bool isLogin = request.method() == http::Method::Post && path == "/api/auth/login";
    const bool isSearch = path == "/api/search";
    async::RateLimiter &limiter = isLogin ? m_login
        : user                            ? (isSearch ? m_userSearch : m_user)
                                          : (isSearch ? m_search : m_anonymous);
    const Key key = user && !isLogin ? keyOf(*user) : keyOf(request.clientAddress());
    exchange.limiter = &limiter;
    exchange.rate = limiter.take(QByteArrayView(key.constData(), key.size()), exchange.startedAt);
    if (!exchange.rate.isAllowed)
        throw limiter.refusal(exchange.rate);
}

void RateLimit::after(http::Exchange &exchange, http::Response &response)
{
    if (!exchange.limiter)
        return;
    response.add("RateLimit-Policy"_ba, exchange.limiter->policyHeader());
    response.add("RateLimit"_ba, exchange.limiter->header(exchange.rate));
}

} // namespace godwit::middleware
