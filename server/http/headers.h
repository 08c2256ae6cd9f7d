// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QVarLengthArray>

namespace godwit::http {

enum class Method : quint8 { Get, Head, Post, Put, Patch, Delete, Options, Other };

Method toMethod(QByteArrayView name);
QByteArrayView toName(Method method);

enum class Status : quint16 {
    SwitchingProtocols = 101,
    Ok = 200,
    Created = 201,
    Accepted = 202,
    NoContent = 204,
    PartialContent = 206,
    MovedPermanently = 301,
    Found = 302,
    SeeOther = 303,
    NotModified = 304,
    TemporaryRedirect = 307,
    BadRequest = 400,
    Unauthorized = 401,
    Forbidden = 403,
    NotFound = 404,
    MethodNotAllowed = 405,
    NotAcceptable = 406,
    RequestTimeout = 408,
    Conflict = 409,
    Gone = 410,
    LengthRequired = 411,
    PreconditionFailed = 412,
    ContentTooLarge = 413,
    UriTooLong = 414,
    UnsupportedMediaType = 415,
    RangeNotSatisfiable = 416,
    ExpectationFailed = 417,
    UnprocessableContent = 422,
    Locked = 423,
    UpgradeRequired = 426,
    TooManyRequests = 429,
    HeaderFieldsTooLarge = 431,
    ChecksumMismatch = 460, ///< of tus 1.0
    InternalServerError = 500,
    NotImplemented = 501,
    BadGateway = 502,
    ServiceUnavailable = 503,
    GatewayTimeout = 504,
    VersionNotSupported = 505,
    InsufficientStorage = 507,
};

/// RFC 9110's reason phrase, or "Unknown".
QByteArrayView reasonPhrase(Status status);

/// A field of an answer. Names are compared without regard to case.
struct Header
{
    QByteArray name;
    QByteArray value;
};
using Headers = QVarLengthArray<Header, 4>;

} // namespace godwit::http
