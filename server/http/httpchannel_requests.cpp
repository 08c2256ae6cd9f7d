// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The way of a request through a channel: from bytes to the handler.
#include "server/http/answerframer.h"
#include "server/http/httpchannel.h"
#include "server/http/listener.h"
#include "server/http/problem.h"
#include "server/http/syntax.h"
#include "server/runtime/loopturn.h"
#include "shared/core/ids.h"

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

/// While a client does not read this much of the answers, its further requests wait.
constexpr qint64 CongestedOutput = 256 * 1024;

/// What QAbstractHttpServer is shown in place of the request: the shortest that it takes, as it reads byte by byte.
/// Without a host Qt 6.4 would put one in for 2,700 instructions more.
#if QT_VERSION < QT_VERSION_CHECK(6, 5, 0)
constexpr char Stub[] = "G //a HTTP/1.1\n\n";
#else
constexpr char Stub[] = "G / HTTP/1.1\n\n";
#endif

thread_local HttpChannel *shownChannel = nullptr;

} // namespace

HttpChannel *HttpChannel::current()
{
    return shownChannel;
}

bool HttpChannel::takesRequests() const
{
    return m_phase == Phase::Reading && !m_output.hasContent() && m_output.size() < CongestedOutput;
}

/// Nothing is read ahead: the usual case, in which no byte is copied but into the request.
void HttpChannel::takeInput(QByteArrayView bytes)
{
    while (!bytes.isEmpty() && m_phase == Phase::Reading) {
        bytes = bytes.sliced(feedParser(bytes));
        if (m_parser.state() == RequestParser::State::Complete || m_isReceiving) {
            if (!bytes.isEmpty())
                m_readAhead.append(bytes);
            handleRequest();
            if (!m_readAhead.isEmpty())
                takeReadAhead();
            return;
        }
    }
}

void HttpChannel::takeReadAhead()
{
    while (m_readAheadAt < m_readAhead.size() && takesRequests()) {
        m_readAheadAt += feedParser(QByteArrayView(m_readAhead).sliced(m_readAheadAt));
        if (m_parser.state() == RequestParser::State::Complete || m_isReceiving)
            handleRequest();
    }
    if (m_phase == Phase::Gone)
        return;
    if (m_isReceiving)
        return receiveReadAhead();
    if (m_phase == Phase::Lingering) // the last word has been said, and not sent
        return flush();
    if (m_readAheadAt == m_readAhead.size()) {
        m_readAhead = QByteArray();
        m_readAheadAt = 0;
    }
    if (m_phase != Phase::Reading)
        return;
    if (m_isAtEnd && m_readAhead.isEmpty()) { // what it asked has been answered
        m_closesAfter = true;
        m_phase = Phase::Lingering;
        flush();
    } else if (m_readAhead.isEmpty()) {
        setReading(true);
    }
    if (!m_output.isEmpty())
        flush();
    // Requests that waited for the answers before them: if the kernel has taken these whole, nothing else calls us.
    if (!m_readAhead.isEmpty() && takesRequests())
        m_registry.schedule(this);
}

/// Returns how many bytes belonged to the request in work.
qsizetype HttpChannel::feedParser(QByteArrayView bytes)
{
    qsizetype used = m_parser.feed(bytes, m_exchange.request);
    if (m_parser.state() == RequestParser::State::HeadComplete) {
        beginContent();
        if (m_isReceiving) // the rest is its handler's
            return used;
        used += m_parser.feed(bytes.sliced(used), m_exchange.request);
        if (m_parser.state() == RequestParser::State::Body && m_parser.expectsContinue() && used == bytes.size()
            && m_exchange.request.body().isEmpty())
            m_output.buffer() += "HTTP/1.1 100 Continue\r\n\r\n";
    }
    if (m_parser.state() == RequestParser::State::Refused) {
        refuse(m_parser.refusal(), m_parser.reason());
    } else if (m_parser.state() == RequestParser::State::Head && m_awaiting == Awaiting::Request
               && m_parser.hasStarted()) {
        m_awaiting = Awaiting::Head;
        setPhaseDeadline(m_options->limits.headTimeout);
    }
    return used;
}

void HttpChannel::beginContent()
{
    const qint64 limit = m_options->limits.bodyBytes;
    const auto rule = m_handler ? m_handler->bodyRule(m_exchange.request, limit) : RequestHandler::BodyRule{ limit };
    m_parser.acceptBody(rule.limit);
    m_isReceiving = rule.isStreamed && m_parser.state() == RequestParser::State::Body;
    m_awaiting = Awaiting::Content;
    setPhaseDeadline(m_options->limits.bodyTimeout);
}

void HttpChannel::handleRequest()
{
    Request &request = m_exchange.request;
    m_phase = Phase::Answering;
    m_phaseDue = 0;
    m_isUnanswered = true;
    m_isProbed = false;
    m_isHeadOnly = request.method() == Method::Head;
    m_closesAfter
        = !request.keepsAlive() || ++m_requests >= m_options->limits.requestsPerConnection || m_registry.isDraining();
    m_exchange.startedAt = std::chrono::steady_clock::now();
    m_exchange.waited = runtime::LoopTurn::waited(m_exchange.startedAt);
    if (m_options->trustedProxies.trusts(peerAddress()))
        request.setClientAddress(m_options->trustedProxies.clientOf(request, peerAddress()));
    if (m_isReceiving)
        beginReceiving();
    m_isDispatching = true;
    dispatchRequest();
    m_isDispatching = false;
    if (m_isUnanswered) {
        if (m_isAtEnd && !m_isReceiving)
            m_phaseDue = m_registry.after(std::chrono::seconds(1));
        setDeadlines();
    } else if (m_phase == Phase::Gone) {
        goDown();
    } else if (m_body) {
        pump();
    } else if (m_phase == Phase::Answering) {
        finishAnswer();
    }
}

/// To the handler: by way of QAbstractHttpServer, which so gets to know the connection, at its first request, and
/// straight afterwards, as its parser takes 10,000 instructions even for the stub. It need not know of a connection
/// that begins with a WebSocket, nor of one that comes last of all and is not listened for any more.
void HttpChannel::dispatchRequest()
{
    if (!m_listener)
        return abortConnection();
    if (m_handler && (m_isAnnounced || m_exchange.request.wantsWebSocket() || !m_listener->isListening()))
        m_handler->handle(m_exchange);
    else
        showRequest();
}

/// Lets QAbstractHttpServer call its handleRequest().
void HttpChannel::showRequest()
{
    if (!m_isAnnounced) {
        m_isAnnounced = true;
        m_listener->announce(this);
    }
    if (m_handler) {
        m_shown = QByteArray::fromRawData(Stub, sizeof Stub - 1); // the request stays here
    } else {
        if (!m_framer)
            m_framer = std::make_unique<AnswerFramer>();
        m_framer->begin(framing());
        if (m_exchange.request.wantsWebSocket()) { // its own QWebSocketServer takes over
            m_phase = Phase::Upgrading;
            m_isUnanswered = false;
            setReading(false);
            setPhaseDeadline(m_options->limits.headTimeout);
        }
        m_shown = fullRequest();
    }
    m_shownAt = 0;
    HttpChannel *const outer = std::exchange(shownChannel, this);
    Q_EMIT readyRead();
    shownChannel = outer;
    if (m_handler) {
        keepFromQt();
        dropReadBuffer();
    }
}

/// Qt 6.8 makes itself the parent of what it hears of, and would delete it with the server, request or not.
void HttpChannel::keepFromQt()
{
    if (m_listener && parent() && parent() != m_listener)
        setParent(m_listener);
}

/// QIODevice keeps the 16 KiB that it had read the stub into: of an idle connection, the larger part of its memory. An
/// open mode without reading has no buffers.
void HttpChannel::dropReadBuffer(OpenMode andThen)
{
    if (isTransactionStarted())
        return;
    setOpenMode(WriteOnly);
    setOpenMode(ReadWrite | andThen);
}

/// What a QHttpServer with routes of its own is shown: the request as it came or, where it came in a form that it
/// would misread, the same in plain words.
QByteArray HttpChannel::fullRequest() const
{
    const Request &request = m_exchange.request;
    const bool offersOther = request.hasHeader("upgrade") && !request.wantsWebSocket();
    // Whoever expects a `100 Continue` has had ours; that of Qt 6.8 would be taken for the answer.
    const bool isAsItCame
        = !m_parser.isChunked() && !offersOther && !m_parser.hadAbsoluteTarget() && !request.hasHeader("expect");
    if (isAsItCame)
        return request.body().isEmpty() ? request.head().toByteArray() : request.head().toByteArray() + request.body();
    QByteArray bytes;
    bytes.reserve(request.head().size() + request.body().size() + 64);
    bytes.append(request.methodName()).append(' ').append(request.target());
    bytes.append(request.minorVersion() == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
    for (const Request::Field &field : request.fields()) {
        const QByteArrayView name = request.name(field);
        const bool isOurs = syntax::equalsLower(name, "transfer-encoding")
            || syntax::equalsLower(name, "content-length") || syntax::equalsLower(name, "expect")
            || (offersOther && (syntax::equalsLower(name, "upgrade") || syntax::equalsLower(name, "connection")));
        if (!isOurs)
            bytes.append(name).append(": ").append(request.value(field)).append("\r\n");
    }
    bytes.append("Content-Length: ").append(QByteArray::number(request.body().size())).append("\r\n\r\n");
    return bytes.append(request.body());
}

/// Of a request whose head was good, with its path and its id.
Response HttpChannel::refusal(Status status, const QString &reason)
{
    if (!m_parser.hasHead())
        return problem(status, reason);
    const QByteArrayView id = m_exchange.request.header("X-Request-Id");
    if (isRequestId(id))
        m_exchange.requestId = id.toByteArray();
    Response response = problem(status, reason, &m_exchange);
    if (!m_exchange.requestId.isEmpty())
        response.add("X-Request-Id"_ba, m_exchange.requestId);
    return response;
}

/// Answers what is no request; the connection is of no use afterwards, for nobody knows where the next one begins.
void HttpChannel::refuse(Status status, QLatin1StringView reason)
{
    m_options->counts->countRefusedRequest();
    Response response = refusal(status, QString(reason));
    m_exchange.request = Request(); // which may have become large, and is not read any more
    m_readAhead = QByteArray();
    m_readAheadAt = 0;
    m_lingers = true;
    m_phase = Phase::Lingering;
    m_phaseDue = 0;
    Framing framing;
    framing.closes = true;
    writeResponse(m_output, response, framing);
    flush();
}

} // namespace godwit::http
