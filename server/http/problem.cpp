// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/problem.h"

#include "server/http/exchange.h"
#include "server/http/router.h"
#include "shared/core/ids.h"

#include <QJsonDocument>
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

QString toString(Decider::Kind kind)
{
    switch (kind) {
    case Decider::Kind::RateLimit:
        return u"rate_limit"_s;
    case Decider::Kind::CircuitBreaker:
        return u"circuit_breaker"_s;
    case Decider::Kind::Bulkhead:
        return u"bulkhead"_s;
    case Decider::Kind::Deadline:
        return u"deadline"_s;
    case Decider::Kind::Shedding:
        return u"shedding"_s;
    case Decider::Kind::Validation:
        return u"validation"_s;
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

QJsonObject toJson(const Decider &decider)
{
    QJsonObject json{ { u"kind"_s, toString(decider.kind) }, { u"name"_s, decider.name } };
    if (decider.kind != Decider::Kind::Validation) { // which has no numbers
        json[u"limit"_s] = decider.limit;
        json[u"used"_s] = decider.used;
        json[u"retry_after"_s] = seconds(decider.retryAfter);
    }
    return json;
}

Response render(Status status, const QString &detail, const Exchange *exchange, const std::optional<Decider> &decider)
{
    const bool isKnown = exchange && !exchange->requestId.isEmpty();
    const QByteArray id = isKnown ? exchange->requestId : makeRequestId();
    const QByteArrayView title = reasonPhrase(status);
    QJsonObject json{
        { u"type"_s, u"about:blank"_s }, // RFC 9457, 4.2.1: the status says it all
        { u"title"_s, QString::fromLatin1(title) },
        { u"status"_s, int(status) },
        { u"detail"_s, detail },
        { u"request_id"_s, QString::fromLatin1(id) },
    };
    if (exchange && !exchange->request.path().isEmpty())
        json[u"instance"_s] = QString::fromUtf8(exchange->request.path());
    if (decider)
        json[u"decider"_s] = toJson(*decider);
    Response response(status, "application/problem+json", QJsonDocument(json).toJson(QJsonDocument::Compact));
    if (!isKnown)
        response.add("X-Request-Id"_ba, id);
    if (status == Status::Unauthorized)
        response.add("WWW-Authenticate"_ba, "Bearer realm=\"godwit\""_ba);
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

} // namespace godwit::http
