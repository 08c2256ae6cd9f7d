// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/redirect.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::outbound {

static bool isOf(const QByteArray &name, std::initializer_list<QByteArrayView> names)
{
    return std::any_of(names.begin(), names.end(),
                       [&name](QByteArrayView one) { return name.compare(one, Qt::CaseInsensitive) == 0; });
}

static void removeHeaders(Request &request, std::initializer_list<QByteArrayView> names)
{
    request.headers.removeIf([names](const auto &header) { return isOf(header.first, names); });
}

bool isRedirect(const Response &response)
{
    switch (response.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return !response.header("location").isEmpty();
    default:
        return false;
    }
}

Result<Target> redirected(Request &request, const Target &target, const Response &response)
{
    const QUrl there = target.url.resolved(QUrl::fromEncoded(response.header("location")));
    auto next = Target::fromUrl(there);
    if (!next)
        return failure(Error::Code::FailedValidation,
                       u"%1 redirects to what cannot be followed: %2"_s.arg(target.key(), next.error().message()));
    if (target.isTls && !next->isTls)
        return failure(Error::Code::FailedValidation,
                       u"%1 redirects from https to http, to %2"_s.arg(target.key(), next->key()));
    const bool isPost = request.method == "POST" && (response.status == 301 || response.status == 302);
    if (isPost || (response.status == 303 && request.method != "HEAD")) {
        request.method = "GET"_ba;
        request.body.clear();
        removeHeaders(request, { "content-type", "content-encoding", "content-language", "content-length" });
    }
    if (!target.hasSameOrigin(*next))
        removeHeaders(request, { "authorization", "cookie", "proxy-authorization", "x-godwit-signature" });
    return next;
}

} // namespace godwit::outbound
