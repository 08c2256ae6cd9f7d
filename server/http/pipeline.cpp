// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/pipeline.h"

#include "server/http/problem.h"
#include "shared/async/currentrequest.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace godwit::http {

Q_LOGGING_CATEGORY(pipelineLog, "godwit.http.pipeline")

namespace {

/// What `OPTIONS *` says of the server as a whole.
constexpr char everyMethod[] = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

void answerUnmatched(Exchange &exchange, const QByteArray &allow)
{
    const Request &request = exchange.request;
    const bool isOptions = request.method() == Method::Options;
    if (isOptions && request.target() == "*")
        return exchange.answer(std::move(Response::noContent().add("Allow"_ba, everyMethod)));
    if (allow.isEmpty())
        return exchange.answer(problem(Status::NotFound, u"there is nothing at this path"_s, &exchange));
    Response response = isOptions
        ? Response::noContent()
        : problem(Status::MethodNotAllowed, u"this path does not know the method"_s, &exchange);
    response.add("Allow"_ba, allow);
    exchange.answer(std::move(response));
}

/// What a handler's parameters say of its callers, before anything of the request is read for it.
void requireRole(const Exchange &exchange, protocol::Role least)
{
    if (!exchange.principal)
        throw Error(Error::Code::Unauthenticated,
                    exchange.tokenFault.isEmpty() ? u"this needs a login"_s : exchange.tokenFault);
    if (!exchange.principal->may(least))
        throw Error(Error::Code::PermissionDenied, u"this needs the role %1"_s.arg(toString(least)));
}

void answerUpgradeRequired(Exchange &exchange)
{
    Response response = problem(Status::UpgradeRequired, u"this path speaks WebSocket only"_s, &exchange);
    response.add("Upgrade"_ba, "websocket"_ba); // RFC 9110, 15.5.22; the channel adds `Connection`
    exchange.answer(std::move(response));
}

} // namespace

Pipeline::Pipeline(const Router &router, std::vector<std::unique_ptr<Middleware>> middleware, Options options)
    : m_router(router),
      m_middleware(std::move(middleware)),
      m_options(options)
{
}

void Pipeline::handle(Exchange &exchange)
{
    const async::CurrentRequest current(exchange.requestId);
    const Request &request = exchange.request;
    const Router::Match match = m_router.match(request.method(), request.path(), exchange.parameters);
    exchange.route = match.route;
    exchange.setObserver(this);
    if (exchange.startedAt == TimePoint{})
        exchange.startedAt = std::chrono::steady_clock::now();
    const auto span
        = match.route ? match.route->deadline.value_or(m_options.defaultDeadline) : m_options.defaultDeadline;
    if (span > std::chrono::milliseconds(0))
        exchange.deadline = async::Deadline(exchange.startedAt + span);
    try {
        for (const auto &layer : m_middleware) {
            ++exchange.layersEntered;
            layer->before(exchange);
        }
        if (match.route && match.route->leastRole)
            requireRole(exchange, *match.route->leastRole);
        if (!match.route)
            answerUnmatched(exchange, match.allow);
        else if (match.route->kind == Route::Kind::WebSocket && !request.wantsWebSocket())
            answerUpgradeRequired(exchange);
        else
            match.route->handler(exchange);
    } catch (...) {
        exchange.failWithCurrentException();
    }
}

RequestHandler::BodyRule Pipeline::bodyRule(const Request &head, qint64 fallback)
{
    QVarLengthArray<QByteArrayView, 4> parameters;
    const Route *const route = m_router.match(head.method(), head.path(), parameters).route;
    if (!route)
        return { .limit = fallback };
    return { .limit = route->bodyLimit.value_or(fallback), .isStreamed = route->isStreamed };
}

void Pipeline::answering(Exchange &exchange, Response &response)
{
    exchange.answeredAt = std::chrono::steady_clock::now();
    for (qsizetype i = exchange.layersEntered; i-- > 0;) {
        try {
            m_middleware[size_t(i)]->after(exchange, response);
        } catch (const std::exception &error) {
            // The answer stands: a layer that only looks must not take it from the client.
            qCCritical(pipelineLog, "a middleware failed while it looked at an answer: %s", error.what());
        }
    }
}

} // namespace godwit::http
