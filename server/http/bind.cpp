// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/bind.h"

#include "server/http/problem.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace godwit::http {

static QByteArrayView rawParameter(const Exchange &exchange, qsizetype index)
{
    if (index >= exchange.parameters.size())
        throw Error::internal(u"the handler takes more path parameters than its pattern has"_s);
    return exchange.parameters[index];
}

QString pathParameter(const Exchange &exchange, qsizetype index)
{
    auto decoded = percentDecode(rawParameter(exchange, index), false);
    if (!decoded)
        throw Error(Error::Code::InvalidArgument, u"the path "_s + decoded.error().message());
    return *std::move(decoded);
}

qint64 integerPathParameter(const Exchange &exchange, qsizetype index, qint64 least, qint64 most)
{
    const QByteArrayView text = rawParameter(exchange, index);
    bool isNumber = false;
    const qint64 value = text.toLongLong(&isNumber);
    const bool hasOnlyDigits = !text.startsWith('+') && !text.contains(' '); // toLongLong() takes these too
    if (!isNumber || !hasOnlyDigits || value < least || value > most)
        throw Error(Error::Code::InvalidArgument,
                    u"\"%1\" in the path is not a whole number in range"_s.arg(QString::fromUtf8(text)));
    return value;
}

/// `application/json`, or a type with the suffix `+json`; parameters such as a charset do not count.
static bool isJson(QByteArrayView contentType)
{
    const qsizetype semicolon = contentType.indexOf(';');
    const QByteArrayView type = (semicolon < 0 ? contentType : contentType.first(semicolon)).trimmed();
    return type.compare("application/json", Qt::CaseInsensitive) == 0
        || (type.contains('/') && type.size() > 5 && type.last(5).compare("+json", Qt::CaseInsensitive) == 0);
}

QJsonObject jsonBody(const Exchange &exchange)
{
    // Also where there is none: a form on a foreign page can send a body without a type, but not this one.
    if (!isJson(exchange.request.header("Content-Type")))
        throw StatusError(Status::UnsupportedMediaType, u"the body must be application/json"_s);
    const QByteArrayView body = exchange.request.body();
    if (body.isEmpty())
        throw Error(Error::Code::InvalidArgument, u"the body is empty: expected a JSON object"_s);
    QJsonParseError error;
    const auto document = QJsonDocument::fromJson(QByteArray::fromRawData(body.data(), body.size()), &error);
    if (error.error != QJsonParseError::NoError)
        throw Error(Error::Code::InvalidArgument,
                    u"the body is not valid JSON: %1 at byte %2"_s.arg(error.errorString()).arg(error.offset));
    if (!document.isObject())
        throw Error(Error::Code::FailedValidation, u"the body must be a JSON object"_s);
    return document.object();
}

} // namespace godwit::http
