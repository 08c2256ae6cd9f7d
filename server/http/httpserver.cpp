// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/httpserver.h"

#include "server/http/httpchannel.h"

#include <QAbstractHttpServer>
#include <QHttpServerRequest>
#include <QHttpServerResponder>

namespace godwit::http {

/// The border to Qt: QAbstractHttpServer is shown a stub of each request, and the real one is fetched from its channel.
class HttpServer::Border final : public QAbstractHttpServer
{
public:
    explicit Border(RequestHandler &handler) : m_handler(handler) { }

protected:
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    bool handleRequest(const QHttpServerRequest &, QHttpServerResponder &) override { return handle(); }
    void missingHandler(const QHttpServerRequest &, QHttpServerResponder &) override { }
#else
    bool handleRequest(const QHttpServerRequest &, QTcpSocket *) override { return handle(); }
    void missingHandler(const QHttpServerRequest &, QTcpSocket *) override { }
#endif

private:
    bool handle()
    {
        m_handler.handle(HttpChannel::current()->exchange());
        return true;
    }

    RequestHandler &m_handler;
};

HttpServer::HttpServer(RequestHandler &handler, ListenOptions options)
    : m_border(std::make_unique<Border>(handler)),
      m_handler(handler),
      m_options(std::move(options))
{
    ChannelRegistry::ofThisThread().endDrain();
}

HttpServer::~HttpServer() = default;

void HttpServer::listenOn(ListenSocket socket)
{
    auto listener = std::make_unique<Listener>(m_options);
    listener->setHandler(&m_handler);
    const QString where = socket.address().toString();
    if (!listener->listenOn(std::move(socket)))
        throw Error(Error::Code::Unavailable, where + QStringLiteral(": ") + listener->errorString());
    m_listeners.push_back(listener.get());
    m_border->bind(listener.release()); // which becomes its parent
}

void HttpServer::beginDrain()
{
    for (Listener *const listener : m_listeners)
        listener->stopListening();
    ChannelRegistry::ofThisThread().beginDrain();
}

void HttpServer::stopRequests()
{
    ChannelRegistry::ofThisThread().stopRequests();
}

void HttpServer::abortConnections()
{
    ChannelRegistry::ofThisThread().abortConnections();
}

ChannelRegistry::Figures HttpServer::figures() const
{
    return ChannelRegistry::ofThisThread().figures();
}

} // namespace godwit::http
