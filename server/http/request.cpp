// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/request.h"

#include "server/http/requestparser.h"
#include "server/http/syntax.h"

namespace godwit::http {

QByteArrayView Request::header(QByteArrayView wanted) const
{
    for (const Field &field : m_fields) {
        if (syntax::equalsIgnoringCase(name(field), wanted)) {
            // Present but empty is not null.
            return QByteArrayView(m_head.constData() + field.valueAt, field.valueSize);
        }
    }
    return {};
}

QByteArray Request::joinedHeader(QByteArrayView wanted) const
{
    QByteArray joined;
    bool isFirst = true;
    for (const Field &field : m_fields) {
        if (!syntax::equalsIgnoringCase(name(field), wanted))
            continue;
        if (!std::exchange(isFirst, false))
            joined += ", ";
        joined += value(field);
    }
    return joined;
}

Request Request::fromBytes(QByteArrayView bytes)
{
    static const Limits limits;
    Request request;
    RequestParser parser(limits);
    qsizetype used = parser.feed(bytes, request);
    if (parser.state() == RequestParser::State::HeadComplete) {
        parser.acceptBody(limits.bodyBytes);
        used += parser.feed(bytes.sliced(used), request);
    }
    Q_ASSERT_X(parser.state() == RequestParser::State::Complete && used == bytes.size(), "Request::fromBytes",
               parser.reason().data() ? parser.reason().data() : "not one complete request");
    return request;
}

Request Request::get(QByteArrayView target, std::initializer_list<Header> headers)
{
    QByteArray bytes = "GET " + target.toByteArray() + " HTTP/1.1\r\nHost: localhost\r\n";
    for (const Header &header : headers)
        bytes += header.name + ": " + header.value + "\r\n";
    bytes += "\r\n";
    return fromBytes(bytes);
}

Request Request::post(QByteArrayView target, QByteArrayView body, QByteArrayView contentType)
{
    const QByteArray bytes = "POST " + target.toByteArray()
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + contentType.toByteArray()
        + "\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body.toByteArray();
    return fromBytes(bytes);
}

} // namespace godwit::http
