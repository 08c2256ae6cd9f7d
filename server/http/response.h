// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/body.h"
#include "server/http/headers.h"
#include "shared/core/error.h"

#include <QJsonArray>
#include <QJsonObject>

#include <memory>

namespace godwit::http {

class EventStream;

/// What a handler returns: a status, fields, and bytes or a Body. A value; the channel adds Content-Length or chunks,
/// Date and Connection, and leaves the content out where it must (HEAD, 204, 304).
/// A CR, LF or NUL in a field's value is replaced by a space: nothing can be injected.
class Response
{
public:
    explicit Response(Status status = Status::Ok) : m_status(status) { }
    Response(Status status, QByteArrayView contentType, QByteArray content)
        : m_status(status),
          m_contentType(contentType),
          m_content(std::move(content))
    {
    }

    static Response text(QByteArray content, Status status = Status::Ok);
    static Response json(const QJsonObject &object, Status status = Status::Ok);
    static Response json(const QJsonArray &array, Status status = Status::Ok);
    /// Already rendered.
    static Response json(QByteArray rendered, Status status = Status::Ok);
    static Response html(QByteArray content, Status status = Status::Ok);
    static Response noContent() { return Response(Status::NoContent); }
    /// @p contentType must be a literal or outlive the answer.
    static Response stream(QByteArrayView contentType, std::shared_ptr<Body> body, Status status = Status::Ok);

    /// `text/event-stream`, never stored, never buffered by a proxy.
    static Response events(std::shared_ptr<EventStream> stream);

    Status status() const { return m_status; }
    void setStatus(Status status) { m_status = status; }
    const Headers &headers() const { return m_headers; }
    /// Adds a field; the same name may stand more than once.
    Response &add(QByteArray name, QByteArray value);
    /// Replaces all fields of that name.
    Response &set(QByteArrayView name, QByteArray value);
    QByteArrayView header(QByteArrayView name) const;
    /// A literal, or something that outlives the answer: not copied.
    QByteArrayView contentType() const { return m_contentType; }
    const QByteArray &content() const { return m_content; }
    const std::shared_ptr<Body> &body() const { return m_body; }
    bool closesConnection() const { return m_closes; }
    /// Ends the connection after this answer.
    Response &close()
    {
        m_closes = true;
        return *this;
    }

private:
    Status m_status;
    bool m_closes = false;
    QByteArrayView m_contentType;
    QByteArray m_content;
    std::shared_ptr<Body> m_body; // shared by the channel that sends it and the producer that feeds it
    Headers m_headers;
};

} // namespace godwit::http
