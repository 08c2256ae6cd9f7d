// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/response.h"

#include <QJsonDocument>

#include <algorithm>

namespace godwit::http {

namespace {

/// What would end the field, or the head, and start another.
bool breaksField(char c)
{
    return c == '\r' || c == '\n' || c == '\0';
}

QByteArray harmless(QByteArray value)
{
    if (std::any_of(value.cbegin(), value.cend(), breaksField))
        std::replace_if(value.begin(), value.end(), breaksField, ' ');
    return value;
}

bool isNamed(const Header &header, QByteArrayView name)
{
    return header.name.size() == name.size() && header.name.compare(name, Qt::CaseInsensitive) == 0;
}

} // namespace

Response Response::text(QByteArray content, Status status)
{
    return { status, "text/plain; charset=utf-8", std::move(content) };
}

Response Response::json(const QJsonObject &object, Status status)
{
    return json(QJsonDocument(object).toJson(QJsonDocument::Compact), status);
}

Response Response::json(const QJsonArray &array, Status status)
{
    return json(QJsonDocument(array).toJson(QJsonDocument::Compact), status);
}

Response Response::json(QByteArray rendered, Status status)
{
    return { status, "application/json", std::move(rendered) };
}

Response Response::html(QByteArray content, Status status)
{
    return { status, "text/html; charset=utf-8", std::move(content) };
}

Response Response::stream(QByteArrayView contentType, std::shared_ptr<Body> body, Status status)
{
    Response response(status, contentType, {});
    response.m_body = std::move(body);
    return response;
}

Response &Response::add(QByteArray name, QByteArray value)
{
    m_headers.append({ harmless(std::move(name)), harmless(std::move(value)) });
    return *this;
}

Response &Response::set(QByteArrayView name, QByteArray value)
{
    const auto isIt = [name](const Header &header) { return isNamed(header, name); };
    const auto first = std::find_if(m_headers.begin(), m_headers.end(), isIt);
    if (first == m_headers.end())
        return add(name.toByteArray(), std::move(value));
    first->value = harmless(std::move(value));
    m_headers.erase(std::remove_if(first + 1, m_headers.end(), isIt), m_headers.end());
    return *this;
}

QByteArrayView Response::header(QByteArrayView name) const
{
    for (const Header &header : m_headers) {
        if (isNamed(header, name))
            return header.value;
    }
    return {};
}

} // namespace godwit::http
