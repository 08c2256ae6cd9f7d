// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/headers.h"

namespace godwit::http {

Method toMethod(QByteArrayView name)
{
    switch (name.size()) {
    case 3:
        return name == "GET" ? Method::Get : name == "PUT" ? Method::Put : Method::Other;
    case 4:
        return name == "POST" ? Method::Post : name == "HEAD" ? Method::Head : Method::Other;
    case 5:
        return name == "PATCH" ? Method::Patch : Method::Other;
    case 6:
        return name == "DELETE" ? Method::Delete : Method::Other;
    case 7:
        return name == "OPTIONS" ? Method::Options : Method::Other;
    default:
        return Method::Other;
    }
}

QByteArrayView toName(Method method)
{
    switch (method) {
    case Method::Get:
        return "GET";
    case Method::Head:
        return "HEAD";
    case Method::Post:
        return "POST";
    case Method::Put:
        return "PUT";
    case Method::Patch:
        return "PATCH";
    case Method::Delete:
        return "DELETE";
    case Method::Options:
        return "OPTIONS";
    case Method::Other:
        break;
    }
    return "OTHER";
}

QByteArrayView reasonPhrase(Status status)
{
    switch (status) {
    case Status::SwitchingProtocols:
        return "Switching Protocols";
    case Status::Ok:
        return "OK";
    case Status::Created:
        return "Created";
    case Status::Accepted:
        return "Accepted";
    case Status::NoContent:
        return "No Content";
    case Status::PartialContent:
        return "Partial Content";
    case Status::MovedPermanently:
        return "Moved Permanently";
    case Status::Found:
        return "Found";
    case Status::SeeOther:
        return "See Other";
    case Status::NotModified:
        return "Not Modified";
    case Status::TemporaryRedirect:
        return "Temporary Redirect";
    case Status::BadRequest:
        return "Bad Request";
    case Status::Unauthorized:
        return "Unauthorized";
    case Status::Forbidden:
        return "Forbidden";
    case Status::NotFound:
        return "Not Found";
    case Status::MethodNotAllowed:
        return "Method Not Allowed";
    case Status::NotAcceptable:
        return "Not Acceptable";
    case Status::RequestTimeout:
        return "Request Timeout";
    case Status::Conflict:
        return "Conflict";
    case Status::Gone:
        return "Gone";
    case Status::LengthRequired:
        return "Length Required";
    case Status::PreconditionFailed:
        return "Precondition Failed";
    case Status::ContentTooLarge:
        return "Content Too Large";
    case Status::UriTooLong:
        return "URI Too Long";
    case Status::UnsupportedMediaType:
        return "Unsupported Media Type";
    case Status::RangeNotSatisfiable:
        return "Range Not Satisfiable";
    case Status::ExpectationFailed:
        return "Expectation Failed";
    case Status::UnprocessableContent:
        return "Unprocessable Content";
    case Status::Locked:
        return "Locked";
    case Status::UpgradeRequired:
        return "Upgrade Required";
    case Status::TooManyRequests:
        return "Too Many Requests";
    case Status::HeaderFieldsTooLarge:
        return "Request Header Fields Too Large";
    case Status::ChecksumMismatch:
        return "Checksum Mismatch";
    case Status::InternalServerError:
        return "Internal Server Error";
    case Status::NotImplemented:
        return "Not Implemented";
    case Status::BadGateway:
        return "Bad Gateway";
    case Status::ServiceUnavailable:
        return "Service Unavailable";
    case Status::GatewayTimeout:
        return "Gateway Timeout";
    case Status::VersionNotSupported:
        return "HTTP Version Not Supported";
    case Status::InsufficientStorage:
        return "Insufficient Storage";
    }
    return "Unknown";
}

} // namespace godwit::http
