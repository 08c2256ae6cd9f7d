// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/headers.h"

#include <QByteArray>
#include <QHostAddress>
#include <QVarLengthArray>

#include <span>
#include <utility>

namespace godwit::http {

/// One complete, valid request (RFC 9112), as the parser left it. All views point into its own buffers and are good
/// until the answer has been sent; a copy is deep. Buffers keep their capacity from one request of a connection to the
/// next, so that a keep-alive request allocates nothing.
class Request
{
public:
    struct Field
    {
        quint32 nameAt, nameSize, valueAt, valueSize; // in head()
    };

    Method method() const { return m_method; }
    QByteArrayView methodName() const { return view(0, m_methodSize); }
    /// Origin form as sent: `/api/search?q=a%20b`; `*` for OPTIONS *. An absolute-form target is reduced to this.
    QByteArrayView target() const { return view(m_targetAt, m_targetSize); }
    /// The target up to `?`, percent-encoding as sent.
    QByteArrayView path() const { return view(m_targetAt, m_pathSize); }
    /// What follows the `?`, percent-encoding as sent; empty without one.
    QByteArrayView query() const
    {
        return m_pathSize < m_targetSize ? view(m_targetAt + m_pathSize + 1, m_targetSize - m_pathSize - 1)
                                         : QByteArrayView();
    }
    /// 0 or 1 of HTTP/1.x.
    int minorVersion() const { return m_minorVersion; }
    /// The first field of that name, without surrounding white space; a null view if there is none. @p name in any
    /// case.
    QByteArrayView header(QByteArrayView name) const;
    bool hasHeader(QByteArrayView name) const { return !header(name).isNull(); }
    /// All values of that name joined by ", " (RFC 9110, 5.3).
    QByteArray joinedHeader(QByteArrayView name) const;
    QByteArrayView head() const { return m_head; }
    QByteArrayView body() const { return m_body; }
    /// By the channel, of a body that is streamed: what has arrived since.
    QByteArray takeBody() { return std::exchange(m_body, {}); }
    std::span<const Field> fields() const { return { m_fields.constData(), size_t(m_fields.size()) }; }
    QByteArrayView name(const Field &field) const { return view(field.nameAt, field.nameSize); }
    QByteArrayView value(const Field &field) const { return view(field.valueAt, field.valueSize); }

    /// Whether the client keeps the connection (version and `Connection`).
    bool keepsAlive() const { return m_keepsAlive; }
    /// Whether it asks for `Upgrade: websocket` with `Connection: upgrade`.
    bool wantsWebSocket() const { return m_wantsWebSocket; }

    /// The client: the socket's peer or, from a trusted proxy, what it says of the client. Set by the channel.
    const QHostAddress &clientAddress() const { return m_clientAddress; }
    void setClientAddress(const QHostAddress &address) { m_clientAddress = address; }
    bool isSecure() const { return m_isSecure; }
    void setSecure(bool secure) { m_isSecure = secure; }

    /// For tests: what the parser makes of these bytes. Asserts that they are one complete request.
    static Request fromBytes(QByteArrayView bytes);
    static Request get(QByteArrayView target, std::initializer_list<Header> headers = {});
    static Request post(QByteArrayView target, QByteArrayView body, QByteArrayView contentType = "application/json");

private:
    friend class RequestParser;
    QByteArrayView view(qsizetype at, qsizetype size) const { return QByteArrayView(m_head.constData() + at, size); }

    QByteArray m_head; // request line and fields, to the empty line
    QByteArray m_body; // chunks joined
    QVarLengthArray<Field, 16> m_fields;
    QHostAddress m_clientAddress;
    qsizetype m_methodSize = 0, m_targetAt = 0, m_targetSize = 0, m_pathSize = 0;
    Method m_method = Method::Other;
    quint8 m_minorVersion = 1;
    bool m_keepsAlive = true, m_wantsWebSocket = false, m_isSecure = false;
};

} // namespace godwit::http
