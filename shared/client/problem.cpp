// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/problem.h"

#include <QCoreApplication>
#include <QHash>
#include <QJsonDocument>
#include <QJsonObject>

namespace godwit::client {

using namespace Qt::StringLiterals;
using Code = Error::Code;

static Code codeOf(int status)
{
    switch (status) {
    case 400:
        return Code::InvalidArgument;
    case 401:
        return Code::Unauthenticated;
    case 403:
        return Code::PermissionDenied;
    case 404:
        return Code::NotFound;
    case 408:
    case 504:
        return Code::DeadlineExceeded;
    case 409:
        return Code::Conflict;
    case 413:
        return Code::PayloadTooLarge;
    case 416:
        return Code::RangeNotSatisfiable;
    case 422:
        return Code::FailedValidation;
    case 429:
        return Code::ResourceExhausted;
    case 502:
    case 503:
        return Code::Unavailable;
    default:
        return status >= 500 ? Code::Internal : Code::InvalidArgument;
    }
}

static QString networkMessage(const QNetworkReply &reply)
{
    switch (reply.error()) {
    case QNetworkReply::ConnectionRefusedError:
        return QCoreApplication::translate("client", "Nothing answers at %1").arg(reply.url().authority());
    case QNetworkReply::HostNotFoundError:
        return QCoreApplication::translate("client", "There is no host \"%1\"").arg(reply.url().host());
    case QNetworkReply::RemoteHostClosedError:
        return QCoreApplication::translate("client", "The server closed the connection");
    default:
        return reply.errorString();
    }
}

static Decider::Kind kindOf(const QString &name)
{
    static const QHash<QString, Decider::Kind> kinds{
        { u"rate_limit"_s, Decider::Kind::RateLimit }, { u"circuit_breaker"_s, Decider::Kind::CircuitBreaker },
        { u"bulkhead"_s, Decider::Kind::Bulkhead },    { u"deadline"_s, Decider::Kind::Deadline },
        { u"shedding"_s, Decider::Kind::Shedding },    { u"validation"_s, Decider::Kind::Validation },
    };
    return kinds.value(name, Decider::Kind::RateLimit);
}

/// Who refused, with its numbers; of an answer without them at least when to come back, if that is said.
static Error withDecider(Error error, const QNetworkReply &reply, const QJsonObject &problem)
{
    const QJsonObject json = problem.value("decider"_L1).toObject();
    const auto wait = std::chrono::duration<double>(json.value("retry_after"_L1).toDouble());
    Decider decider{ .kind = kindOf(json.value("kind"_L1).toString()),
                     .name = json.value("name"_L1).toString(),
                     .limit = json.value("limit"_L1).toDouble(),
                     .used = json.value("used"_L1).toDouble(),
                     .retryAfter = std::chrono::ceil<std::chrono::milliseconds>(wait) };
    decider.retryAfter = std::max(decider.retryAfter, retryAfter(reply));
    if (json.isEmpty() && decider.retryAfter.count() == 0)
        return error;
    return std::move(error).withDecider(std::move(decider));
}

int statusOf(const QNetworkReply &reply)
{
    return reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
}

Error errorOf(const QNetworkReply &reply, QByteArrayView body)
{
    const int status = statusOf(reply);
    if (status < 300)
        return { Code::Unavailable, networkMessage(reply) };
    const QJsonObject problem = QJsonDocument::fromJson(body.toByteArray()).object();
    for (const QLatin1StringView member : { "detail"_L1, "title"_L1 }) {
        if (const QString text = problem.value(member).toString(); !text.isEmpty())
            return withDecider({ codeOf(status), text }, reply, problem);
    }
    const QString phrase = reply.attribute(QNetworkRequest::HttpReasonPhraseAttribute).toString();
    return withDecider({ codeOf(status), u"%1 %2"_s.arg(QString::number(status), phrase).trimmed() }, reply, problem);
}

std::chrono::milliseconds retryAfter(const QNetworkReply &reply)
{
    return std::chrono::seconds(std::max(0, reply.rawHeader("Retry-After"_ba).toInt()));
}

} // namespace godwit::client
