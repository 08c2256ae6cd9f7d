// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fakeserver.h"

#include <QJsonObject>

namespace godwit::test {

using namespace Qt::StringLiterals;

static constexpr char isChunked[] = "chunked"; // a property of the socket

void FakeReply::answer(int status, const QByteArray &body, const QByteArray &type, const QByteArray &moreHeaders) const
{
    send("HTTP/1.1 "_ba + QByteArray::number(status) + " Status\r\nContent-Type: "_ba + type + "\r\nContent-Length: "_ba
         + QByteArray::number(body.size()) + "\r\n"_ba + moreHeaders + "\r\n"_ba + body);
}

void FakeReply::problem(int status, const QString &detail, const QByteArray &moreHeaders) const
{
    const QJsonObject problem{ { u"status"_s, status }, { u"title"_s, u"Title"_s }, { u"detail"_s, detail } };
    answer(status, QJsonDocument(problem).toJson(), "application/problem+json"_ba, moreHeaders);
}

void FakeReply::beginStream() const
{
    if (!m_socket)
        return;
    m_socket->write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
                    "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
    m_socket->setProperty(isChunked, true);
}

void FakeReply::send(const QByteArray &bytes) const
{
    if (m_socket && m_socket->property(isChunked).toBool() && !bytes.isEmpty())
        m_socket->write(QByteArray::number(bytes.size(), 16) + "\r\n" + bytes + "\r\n");
    else if (m_socket)
        m_socket->write(bytes);
}

void FakeReply::cut() const
{
    if (m_socket) {
        m_socket->flush();
        m_socket->abort();
    }
}

void FakeReply::finish() const
{
    if (!m_socket)
        return;
    if (m_socket->property(isChunked).toBool())
        m_socket->write("0\r\n\r\n");
    m_socket->disconnectFromHost();
}

FakeServer::FakeServer(QObject *parent) : QObject(parent), m_webSockets(u"fake"_s, QWebSocketServer::NonSecureMode)
{
    connect(&m_server, &QTcpServer::newConnection, this, [this] {
        while (QTcpSocket *socket = m_server.nextPendingConnection()) {
            ++m_accepted;
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] { read(socket); });
            connect(socket, &QTcpSocket::disconnected, this, [this, socket] { m_buffers.remove(socket); });
            connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        }
    });
    connect(&m_webSockets, &QWebSocketServer::newConnection, this, [this] {
        while (QWebSocket *socket = m_webSockets.nextPendingConnection()) {
            socket->setParent(this);
            connect(socket, &QWebSocket::disconnected, socket, &QObject::deleteLater);
            const auto handler = m_socketHandlers.find(socket->requestUrl().path());
            if (handler != m_socketHandlers.end())
                handler->second(*socket);
            else
                socket->close(QWebSocketProtocol::CloseCodePolicyViolated, u"no such socket"_s);
        }
    });
    resume();
}

FakeServer::~FakeServer()
{
    stop();
}

QUrl FakeServer::url() const
{
    return QUrl(u"http://127.0.0.1:%1"_s.arg(m_port));
}

void FakeServer::on(const QByteArray &route, Handler handler)
{
    m_handlers[route] = std::move(handler);
}

void FakeServer::onSocket(const QString &path, SocketHandler handler)
{
    m_socketHandlers[path] = std::move(handler);
}

void FakeServer::stop()
{
    m_server.close();
    cutAll();
}

void FakeServer::resume()
{
    if (!m_server.listen(QHostAddress::LocalHost, m_port))
        qFatal("cannot listen: %s", qUtf8Printable(m_server.errorString()));
    m_port = m_server.serverPort();
}

void FakeServer::cutAll()
{
    const auto webSockets = findChildren<QWebSocket *>(QString(), Qt::FindDirectChildrenOnly);
    for (QWebSocket *socket : webSockets)
        socket->abort();
    const auto sockets = m_server.findChildren<QTcpSocket *>();
    for (QTcpSocket *socket : sockets)
        socket->abort();
}

qsizetype FakeServer::count(const QByteArray &path) const
{
    return std::count_if(m_requests.begin(), m_requests.end(), [&path](const auto &one) { return one.path == path; });
}

static FakeRequest parseHead(const QByteArray &head)
{
    const QByteArrayList lines = head.split('\n');
    const QByteArrayList words = lines.first().trimmed().split(' ');
    const QUrl target = QUrl::fromEncoded(words.value(1));
    FakeRequest request;
    request.method = words.first();
    request.path = target.path().toUtf8();
    request.query = QUrlQuery(target);
    for (const QByteArray &line : lines.sliced(1)) {
        const qsizetype colon = line.indexOf(':');
        request.headers.insert(line.first(colon).toLower(), line.sliced(colon + 1).trimmed());
    }
    return request;
}

void FakeServer::read(QTcpSocket *socket)
{
    const QByteArray head = socket->peek(16 * 1024);
    if (m_buffers.value(socket).isEmpty() && head.toLower().contains("\r\nupgrade: websocket\r\n"_ba)) {
        const qsizetype end = head.indexOf("\r\n\r\n"_ba);
        if (end < 0)
            return;
        if (m_gate && !m_gate(parseHead(head.first(end)), FakeReply(socket))) {
            socket->read(end + 4); // refused, and open for another request
            return;
        }
        socket->disconnect(this);
        m_webSockets.handleConnection(socket);
        return;
    }
    QByteArray &buffer = m_buffers[socket];
    buffer += socket->readAll();
    while (readOne(socket, buffer)) { }
}

bool FakeServer::readOne(QTcpSocket *socket, QByteArray &buffer)
{
    const qsizetype end = buffer.indexOf("\r\n\r\n"_ba);
    if (end < 0)
        return false;
    FakeRequest request = parseHead(buffer.first(end));
    const qsizetype length = request.headers.value("content-length"_ba).toLongLong();
    if (buffer.size() < end + 4 + length)
        return false;
    request.body = buffer.sliced(end + 4, length);
    buffer.remove(0, end + 4 + length);
    dispatch(std::move(request), socket);
    return m_buffers.contains(socket);
}

static bool matches(const QByteArray &pattern, FakeRequest &request)
{
    const QByteArrayList wanted = pattern.split('/');
    const QByteArrayList given = QByteArray(request.method + ' ' + request.path).split('/');
    if (wanted.size() != given.size())
        return false;
    QByteArrayList parameters;
    for (qsizetype i = 0; i < wanted.size(); ++i) {
        if (wanted[i].startsWith('{'))
            parameters.append(given[i]);
        else if (wanted[i] != given[i])
            return false;
    }
    request.parameters = parameters;
    return true;
}

void FakeServer::dispatch(FakeRequest request, QTcpSocket *socket)
{
    const FakeReply reply(socket);
    const auto handler = std::find_if(m_handlers.begin(), m_handlers.end(),
                                      [&request](const auto &entry) { return matches(entry.first, request); });
    m_requests.append(request);
    if (m_gate && !m_gate(request, reply))
        return;
    if (handler == m_handlers.end())
        reply.problem(404, u"no such route"_s);
    else
        Handler(handler->second)(request, reply); // a copy: a handler may set another one for its own route
    Q_EMIT requested(request);
}

} // namespace godwit::test
