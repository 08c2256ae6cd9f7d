// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/websocket/wsendpoint.h"

#include "server/http/problem.h"
#include "server/websocket/reactorsockets.h"

namespace godwit::websocket {

using namespace Qt::StringLiterals;

namespace {

/// 16 bytes in Base64 (RFC 6455, 4.1).
bool isKey(QByteArrayView key)
{
    const auto decoded = QByteArray::fromBase64Encoding(key.toByteArray(), QByteArray::AbortOnBase64DecodingErrors);
    return key.size() == 24 && decoded && decoded.decoded.size() == 16;
}

void refuse(http::Exchange &exchange, http::Status status, const QString &detail)
{
    exchange.answer(http::problem(status, detail, &exchange));
}

} // namespace

void accept(http::Exchange &exchange, const EndpointOptions &options, Opened opened)
{
    const http::Request &request = exchange.request;
    ReactorSockets &sockets = ReactorSockets::ofThisThread();
    if (exchange.isStopped())
        return exchange.fail(Error::cancelled());
    if (request.header("Sec-WebSocket-Version") != "13") {
        auto answer
            = http::problem(http::Status::UpgradeRequired, u"only version 13 of WebSockets is spoken"_s, &exchange);
        answer.set("Sec-WebSocket-Version", "13");
        answer.set("Upgrade", "websocket"); // RFC 9110, 15.5.22
        return exchange.answer(std::move(answer));
    }
    if (!isKey(request.joinedHeader("Sec-WebSocket-Key"))) // RFC 6455, 11.3.1: one, and once
        return refuse(exchange, http::Status::BadRequest, u"Sec-WebSocket-Key must be 16 bytes in Base64, once"_s);
    sockets.accept(exchange, options, std::move(opened));
}

} // namespace godwit::websocket
