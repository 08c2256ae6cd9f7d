// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/exchange.h"
#include "server/http/router.h"

#include <memory>
#include <vector>

namespace godwit::http {

/// One concern of every request. Registered once, in the order that the Pipeline is given; one file each in
/// middleware/.
///
/// Not a coroutine around the next (as in the first design): a frame a layer costs 0.5 us, and four layers would cost a
/// fifth of a request. What must wait (tokens, tickets) does so in an extractor, in the handler's own frame.
class Middleware
{
public:
    virtual ~Middleware() = default;

    /// Before the handler, outermost first. May throw Error to refuse: the handler and the layers within are skipped,
    /// and after() runs from this layer outwards.
    virtual void before(Exchange &exchange) { Q_UNUSED(exchange); }
    /// When the answer is known, innermost first; also of problems.
    virtual void after(Exchange &exchange, Response &response)
    {
        Q_UNUSED(exchange);
        Q_UNUSED(response);
    }
};

/// Match first (the route's pattern is the label of its metrics), then the middleware, then the handler.
/// Read-only after construction; one for all reactors.
class Pipeline final : public RequestHandler, private AnswerObserver
{
public:
    struct Options
    {
        std::chrono::milliseconds defaultDeadline{ 30'000 };
    };

    Pipeline(const Router &router, std::vector<std::unique_ptr<Middleware>> middleware, Options options);
    Pipeline(const Router &router, std::vector<std::unique_ptr<Middleware>> middleware)
        : Pipeline(router, std::move(middleware), Options{})
    {
    }

    void handle(Exchange &exchange) override;
    BodyRule bodyRule(const Request &head, qint64 fallback) override;

private:
    void answering(Exchange &exchange, Response &response) override;

    const Router &m_router;
    const std::vector<std::unique_ptr<Middleware>> m_middleware;
    const Options m_options;
};

} // namespace godwit::http
