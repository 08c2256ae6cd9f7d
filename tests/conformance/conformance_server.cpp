// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// conformance_server [--tls CERT KEY] [--unix PATH] [--quick] [--trust NETWORK]
// A small server on godwit_http, on one reactor, for the raw-socket cases. Prints `listening PORT`.
#include "server/http/bind.h"
#include "server/http/httpchannel.h"
#include "server/http/httpserver.h"
#include "server/http/pipeline.h"
#include "server/runtime/reactor.h"
#include "shared/async/sleep.h"

#include <QCoreApplication>
#include <QDir>
#include <QTimer>
#include <QWebSocket>
#include <QWebSocketServer>

#include <cstdio>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::http;

namespace {

/// What the cases ask about afterwards.
struct Counters
{
    int webSockets = 0;
    int stopped = 0; // requests whose token fired
    int liveBodies = 0;
};
Counters counters;
HttpServer *server = nullptr;
TlsContext::Files tlsFiles;
std::shared_ptr<TlsContextSource> tls;

/// `bytes` of 'x', in pieces; with -1 for the size: chunked.
class Filler final : public Body
{
public:
    Filler(qint64 bytes, bool saysSize) : m_missing(bytes), m_size(saysSize ? bytes : -1) { ++counters.liveBodies; }
    ~Filler() override { --counters.liveBodies; }
    State read(QByteArray &out, qsizetype budget) override
    {
        const auto piece = qsizetype(std::min<qint64>(budget, m_missing));
        out.append(piece, 'x');
        m_missing -= piece;
        return m_missing > 0 ? State::More : State::End;
    }
    qint64 size() const override { return m_size; }

private:
    qint64 m_missing, m_size;
};

/// An event each 50 ms, for ever.
class Ticker final : public Body
{
public:
    Ticker()
    {
        ++counters.liveBodies;
        m_timer.setInterval(50ms);
        QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] {
            m_pending += "data: tick\n\n";
            wake();
        });
        m_timer.start();
    }
    ~Ticker() override { --counters.liveBodies; }
    State read(QByteArray &out, qsizetype) override
    {
        out += std::exchange(m_pending, {});
        return m_isDraining ? State::End : State::Wait;
    }
    bool isEndless() const override { return true; }
    void drain() override
    {
        m_isDraining = true;
        m_pending += "event: end\ndata: \n\n";
        wake();
    }

private:
    QTimer m_timer;
    QByteArray m_pending;
    bool m_isDraining = false;
};

Response hello()
{
    return Response::text("Hello, World!"_ba);
}

Response echo(const Request &request)
{
    return Response::text("len=" + QByteArray::number(request.body().size())
                          + " body=" + request.body().first(qMin<qsizetype>(40, request.body().size())).toByteArray());
}

Response seen(const Request &request)
{
    return Response::text("target=" + request.target().toByteArray() + " host=" + request.header("host").toByteArray()
                          + " client=" + request.clientAddress().toString().toLatin1()
                          + " secure=" + (request.isSecure() ? "yes" : "no"));
}

QCoro::Task<Response> slow(async::Context context, Path<int> milliseconds)
{
    try {
        co_await async::sleepFor(context, std::chrono::milliseconds(*milliseconds));
    } catch (const Error &) {
        ++counters.stopped;
        throw;
    }
    co_return Response::text("SLOW"_ba);
}

Response big()
{
    return Response::text(QByteArray(64 << 20, 'x'));
}

Response injected()
{
    Response response = Response::text("x"_ba);
    response.add("X-Evil"_ba, "a\r\nSet-Cookie: b"_ba);
    return response;
}

Response stats()
{
    const auto figures = server->figures();
    const auto descriptors
        = QDir(u"/proc/self/fd"_s).entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::System).size();
    return Response::json(QJsonObject{ { u"connections"_s, figures.total() },
                                       { u"busy"_s, figures.busy },
                                       { u"upgraded"_s, figures.upgraded },
                                       { u"websockets"_s, counters.webSockets },
                                       { u"stopped"_s, counters.stopped },
                                       { u"bodies"_s, counters.liveBodies },
                                       { u"descriptors"_s, descriptors } });
}

Response reload()
{
    const auto result = tls->reload(tlsFiles);
    return Response::text(result ? "reloaded"_ba : result.error().message().toUtf8());
}

Response drain()
{
    server->beginDrain();
    return Response::text("draining"_ba);
}

QCoro::Task<> upgradeLater(Exchange &exchange, QWebSocketServer &sockets, std::chrono::milliseconds span)
{
    try {
        if (span > 0ms)
            co_await async::sleepFor(async::Context{}, span);
        const QByteArrayView token = exchange.request.header("authorization");
        if (token.isNull())
            exchange.fail(Error(Error::Code::Unauthenticated, u"no token"_s));
        else if (token != "Bearer ok")
            exchange.fail(Error(Error::Code::PermissionDenied, u"not this token"_s));
        else
            exchange.acceptUpgrade(&sockets);
    } catch (...) {
        exchange.failWithCurrentException();
    }
}

void open(QWebSocket *socket, HttpChannel *channel)
{
    ++counters.webSockets;
    QObject::connect(socket, &QObject::destroyed, socket, [] { --counters.webSockets; });
    QObject::connect(socket, &QWebSocket::disconnected, socket, &QObject::deleteLater);
    socket->setMaxAllowedIncomingFrameSize(64 * 1024);
    socket->setMaxAllowedIncomingMessageSize(256 * 1024);
    QObject::connect(socket, &QWebSocket::textMessageReceived, socket, [socket, channel](const QString &message) {
        if (message == "protocol"_L1)
            socket->sendTextMessage(socket->subprotocol());
        else if (message == "bye"_L1)
            socket->close(QWebSocketProtocol::CloseCodeNormal, u"bye"_s);
        else if (message == "frame"_L1)
            channel->writeFrame("\x81\x03raw"_ba);
        else if (message == "abort"_L1)
            channel->abortConnection();
        else if (message == "flood"_L1)
            for (int i = 0; i < 1000; ++i)
                channel->writeFrame("\x82\x7e\xff\xff"_ba + QByteArray(65535, 'f'));
        else
            socket->sendTextMessage("echo:"_L1 + (message.size() > 100 ? QString::number(message.size()) : message));
    });
}

void addRoutes(Router &router, QWebSocketServer &sockets)
{
    router.get("/hello", bind(hello));
    router.post("/echo", bind(echo));
    router.post("/small", bind(echo)).accepting(10);
    router.get("/seen", bind(seen));
    router.get("/slow/{ms}", bind(slow));
    router.get("/deadline/{ms}", bind(slow)).within(300ms);
    router.get("/big", bind(big));
    router.get("/bytes/{bytes}", [](Exchange &exchange) {
        exchange.answer(Response::text(QByteArray(qsizetype(integerPathParameter(exchange, 0)), 'x')));
    });
    router.get("/injected", bind(injected));
    router.get("/empty", [](Exchange &exchange) { exchange.answer(Response::noContent()); });
    router.get("/unmodified", [](Exchange &exchange) { exchange.answer(Response(Status::NotModified)); });
    router.get("/chunked/{bytes}", [](Exchange &exchange) {
        const qint64 bytes = integerPathParameter(exchange, 0);
        exchange.answer(Response::stream("application/octet-stream", std::make_shared<Filler>(bytes, false)));
    });
    router.get("/sized/{bytes}", [](Exchange &exchange) {
        const qint64 bytes = integerPathParameter(exchange, 0);
        exchange.answer(Response::stream("application/octet-stream", std::make_shared<Filler>(bytes, true)));
    });
    router.get("/events", [](Exchange &exchange) {
        exchange.answer(Response::stream("text/event-stream", std::make_shared<Ticker>()));
    });
    router.get("/stats", bind(stats));
    router.post("/reload", bind(reload));
    router.post("/drain", bind(drain));
    router.webSocket("/ws", [&sockets](Exchange &exchange) { upgradeLater(exchange, sockets, 0ms); });
    router.webSocket("/ws/later", [&sockets](Exchange &exchange) { upgradeLater(exchange, sockets, 100ms); });
    sockets.setSupportedSubprotocols({ u"v2.test"_s, u"v1.test"_s });
    sockets.setMaxPendingConnections(1024);
    QObject::connect(&sockets, &QWebSocketServer::newConnection, &sockets, [&sockets] {
        HttpChannel *const channel = HttpChannel::upgrading();
        while (QWebSocket *const socket = sockets.nextPendingConnection())
            open(socket, channel);
    });
}

ListenOptions optionsFrom(const QStringList &arguments)
{
    ListenOptions options;
    if (const auto at = arguments.indexOf("--tls"_L1); at >= 0) {
        tlsFiles = { arguments.at(at + 1), arguments.at(at + 2) };
        tls = options.tls = std::make_shared<TlsContextSource>(orThrow(TlsContext::load(tlsFiles)));
    }
    if (const auto at = arguments.indexOf("--trust"_L1); at >= 0)
        options.trustedProxies = orThrow(TrustedProxies::parse({ arguments.at(at + 1) }));
    options.limits.connectionsPerAddress = 0;
    if (arguments.contains("--quick"_L1)) {
        options.limits.headTimeout = options.limits.bodyTimeout = options.limits.handshakeTimeout = 600ms;
        options.limits.idleTimeout = 900ms;
        options.limits.writeTimeout = 1s;
        options.limits.connectionsPerAddress = 20;
    }
    return options;
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication::setEventDispatcher(runtime::makeEventDispatcher());
    QCoreApplication app(argc, argv);
    runtime::raiseOpenFileLimit();
    const QStringList arguments = app.arguments();
    ListenAddress address;
    if (const auto at = arguments.indexOf("--unix"_L1); at >= 0)
        address.unixPath = arguments.at(at + 1);
    QWebSocketServer sockets(u"conformance"_s, QWebSocketServer::NonSecureMode);
    Router router;
    addRoutes(router, sockets);
    const Pipeline::Options pipelineOptions{ .defaultDeadline = 20s };
    Pipeline pipeline(router, {}, pipelineOptions);
    HttpServer http(pipeline, optionsFrom(arguments));
    server = &http;
    auto listening = orThrow(ListenSocket::open(address, 1));
    const quint16 port = listening.front().address().port;
    http.listenOn(std::move(listening.front()));
    std::printf("listening %d\n", port);
    std::fflush(stdout);
    return app.exec();
}
