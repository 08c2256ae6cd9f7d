// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/pipeline.h"

#include <QList>

namespace godwit::middleware {

/// Refuses what a page of another origin must not do (403), and CORS does not prevent: to open WebSockets (RFC
/// 6455, 10.2) and to write; a browser sends a POST without a body, or of text, and only keeps the answer from the
/// page. Allowed are no `Origin` at all (not a browser), the request's own host, and the origins that are named.
class OriginCheck final : public http::Middleware
{
public:
    /// @param origins `https://example.org`; `*` for all.
    explicit OriginCheck(QList<QByteArray> origins);
    void before(http::Exchange &exchange) override;

private:
    bool isAllowed(const http::Request &request, QByteArrayView origin) const;

    const QList<QByteArray> m_origins;
    const bool m_allowsAll;
};

} // namespace godwit::middleware
