// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/pipeline.h"
#include "server/http/query.h"

namespace godwit::test {

/// In place of authentication: whoever asks is an admin, under the name that `?user=` gives.
class KnownCaller final : public http::Middleware
{
public:
    void before(http::Exchange &exchange) override
    {
        http::QueryReader query(exchange.request.query());
        const QString name = query.string(QLatin1StringView("user"), QStringLiteral("anonymous"));
        exchange.principal = std::make_shared<const protocol::Principal>(
            protocol::Principal{ .userId = 0, .name = name, .role = protocol::Role::Admin });
    }

    static std::vector<std::unique_ptr<http::Middleware>> layers()
    {
        std::vector<std::unique_ptr<http::Middleware>> layers;
        layers.push_back(std::make_unique<KnownCaller>());
        return layers;
    }
};

} // namespace godwit::test
