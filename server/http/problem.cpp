// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/problem.h"

#include "server/http/exchange.h"
#include "server/http/router.h"
#include "shared/core/elided.h"
#include "shared/core/ids.h"
#include "shared/core/jsontext.h"
#include "shared/protocol/comeback.h"

#include <QLoggingCategory>

#include <optional>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::http {

Q_LOGGING_CATEGORY(problemLog, "godwit.http.problem")

namespace {

double seconds(std::chrono::nanoseconds span)
{
    return std::chrono::duration<double>(span).count();
}

QByteArrayView toString(Decider::Kind kind)
{
    switch (kind) {
    case Decider::Kind::RateLimit:
        return "rate_limit";
    case Decider::Kind::CircuitBreaker:
        return "circuit_breaker";
    case Decider::Kind::Bulkhead:
        return "bulkhead";
    case Decider::Kind::Deadline:
        return "deadline";
    case Decider::Kind::Shedding:
        return "shedding";
    case Decider::Kind::Validation:
        return "validation";
    }
    Q_UNREACHABLE();
}

/// A cancelled handler whose deadline is past has not been left: its client still waits and is to hear why.
Error::Code outcome(const Error &error, const Exchange &exchange)
{
    if (error.code() == Error::Code::Cancelled && exchange.deadline.hasPassed())
        return Error::Code::DeadlineExceeded;
    return error.code();
}

Status toStatus(Error::Code code, const Exchange &exchange)
{
    switch (code) {
    case Error::Code::InvalidArgument:
        return Status::BadRequest;
    case Error::Code::FailedValidation:
        return Status::UnprocessableContent;
    case Error::Code::Unauthenticated:
        return Status::Unauthorized;
    case Error::Code::PermissionDenied:
        return Status::Forbidden;
    case Error::Code::NotFound:
        return Status::NotFound;
    case Error::Code::Conflict:
        return Status::Conflict;
    case Error::Code::PayloadTooLarge:
        return Status::ContentTooLarge;
    case Error::Code::RangeNotSatisfiable:
        return Status::RangeNotSatisfiable;
    case Error::Code::ResourceExhausted:
        return Status::TooManyRequests;
    case Error::Code::Unavailable:
    case Error::Code::Cancelled: // by the end of a drain: a client that has left does not read it
        return Status::ServiceUnavailable;
    case Error::Code::DeadlineExceeded:
        return exchange.route ? exchange.route->timeoutStatus : Status::GatewayTimeout;
    case Error::Code::Internal:
        return Status::InternalServerError;
    }
    Q_UNREACHABLE();
}

/// The error's own, or what the edge knows: that the request was wrong in itself, or that its route's time was up.
std::optional<Decider> deciderOf(const Error &error, Error::Code code, const Exchange &exchange)
{
    if (error.decider())
        return *error.decider();
    const QString name = exchange.route ? QString::fromUtf8(exchange.route->pattern) : u"request"_s;
    if (code == Error::Code::InvalidArgument || code == Error::Code::FailedValidation)
        return Decider{ .kind = Decider::Kind::Validation, .name = name };
    if (code == Error::Code::DeadlineExceeded && exchange.deadline.hasPassed())
        return Decider{ .kind = Decider::Kind::Deadline,
                        .name = name,
                        .limit = seconds(exchange.deadline.at() - exchange.startedAt),
                        .used = seconds(std::chrono::steady_clock::now() - exchange.startedAt) };
    return std::nullopt;
}

JsonText toJson(const Decider &decider)
{
    JsonText json;
    json.add("kind", toString(decider.kind)).add("name", decider.name);
    if (decider.kind != Decider::Kind::Validation) { // which has no numbers
        json.add("limit", decider.limit).add("used", decider.used);
        json.add("retry_after", seconds(decider.retryAfter));
    }
    return json;
}

/// RFC 6750, 3: with what was wrong, if a token was presented.
QByteArray challenge(const Exchange *exchange)
{
    QByteArray text = "Bearer realm=\"godwit\"";
    if (exchange && !exchange->tokenFault.isEmpty())
        text += ", error=\"invalid_token\", error_description=\"" + exchange->tokenFault.toLatin1().replace('"', '\'')
            + '"';
    return text;
}

Response render(Status status, const QString &detail, const Exchange *exchange, const std::optional<Decider> &decider)
{
    const bool isKnown = exchange && !exchange->requestId.isEmpty();
    const QByteArray id = isKnown ? exchange->requestId : makeRequestId();
    JsonText json;
    json.add("type", "about:blank"); // RFC 9457, 4.2.1: the status says it all
    json.add("title", reasonPhrase(status)).add("status", qint64(status)).add("detail", elided(detail, longestDetail));
    if (exchange && !exchange->request.path().isEmpty())
        json.add("instance", exchange->request.path());
    json.add("request_id", QByteArrayView(id));
    if (decider)
        json.add("decider", toJson(*decider));
    Response response(status, "application/problem+json", std::move(json).finish());
    if (!isKnown)
        response.add("X-Request-Id"_ba, id);
    if (status == Status::Unauthorized)
        response.add("WWW-Authenticate"_ba, challenge(exchange));
    if (status == Status::TooManyRequests || status == Status::ServiceUnavailable) {
        const auto pause = decider ? std::chrono::ceil<std::chrono::seconds>(decider->retryAfter) : 1s;
        response.add("Retry-After"_ba, QByteArray::number(qMax<qint64>(1, pause.count())));
    }
    return response;
}

} // namespace

Response problem(const Error &error, const Exchange &exchange)
{
    const Error::Code code = outcome(error, exchange);
    const Status status = toStatus(code, exchange);
    if (!error.internalMessage().isEmpty())
        qCWarning(problemLog).noquote() << "request" << exchange.requestId << exchange.request.target().toByteArray()
                                        << int(status) << error.internalMessage();
    const QString detail = code == error.code() ? error.message() : u"the deadline has passed"_s;
    return render(status, code == Error::Code::Internal ? u"internal error"_s : detail, &exchange,
                  deciderOf(error, code, exchange));
}

Response problem(Status status, const QString &detail, const Exchange *exchange)
{
    return render(status, detail, exchange, std::nullopt);
}

Error drainingError()
{
    return Error(Error::Code::Unavailable, u"the server is shutting down"_s)
        .withDecider(
            { .kind = Decider::Kind::Shedding, .name = u"drain"_s, .retryAfter = protocol::comeBackSeconds() });
}

} // namespace godwit::http
