// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/incomingbody.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "shared/async/context.h"
#include "shared/async/ratelimiter.h"
#include "shared/protocol/principal.h"

#include <QVarLengthArray>

#include <memory>
#include <stop_token>

class QWebSocketServer;

namespace godwit::http {

class Exchange;
class HttpChannel;
struct Route;

/// Who takes the answers of exchanges: the channel, or a test.
class Answerer
{
public:
    virtual void answer(Exchange &exchange, Response &&response) = 0;
    /// Hands the connection, whose request asked for it, to @p server; the exchange is over. Only HttpChannel can.
    virtual void acceptUpgrade(Exchange &exchange, QWebSocketServer *server) = 0;
    /// The connection, or null in a test.
    virtual HttpChannel *channel() { return nullptr; }

protected:
    ~Answerer() = default;
};

/// Sees each answer before it is sent: the part of the middleware that looks back. See middleware/.
class AnswerObserver
{
public:
    virtual void answering(Exchange &exchange, Response &response) = 0;

protected:
    ~AnswerObserver() = default;
};

/// Makes the traces of requests. Any thread.
class Tracer
{
public:
    /// Of one whose handler does more than to answer at once.
    virtual std::shared_ptr<async::Trace> begin(const Request &request) = 0;

protected:
    ~Tracer() = default;
};

/// One request, its way through middleware and handler, and the one answer that is due for it. Lives in its connection
/// on one reactor, and until it has been answered, even if the client leaves meanwhile: a suspended handler may hold
/// the request's views and this reference.
class Exchange
{
public:
    explicit Exchange(Answerer &answerer) : m_answerer(answerer) { }
    Exchange(const Exchange &) = delete;
    Exchange &operator=(const Exchange &) = delete;

    Request request;
    const Route *route = nullptr; ///< set by the pipeline; null where nothing matched
    QVarLengthArray<QByteArrayView, 4> parameters; ///< of the path, in the pattern's order, percent-encoding as sent
    QByteArray requestId; ///< set by middleware/requestid
    /// Set by whoever authenticates; null: nobody known. Shared by the requests of one token.
    std::shared_ptr<const protocol::Principal> principal;
    /// By what the principal is known, for whoever authenticates; see ChannelRegistry::endStreams().
    std::shared_ptr<const void> login;
    /// What is wrong with the token that was presented; empty if none was, or nothing is. By whoever authenticates.
    QString tokenFault;
    TimePoint startedAt; ///< when the request was complete
    TimePoint answeredAt; ///< when its answer was known: what observers measure by
    Tracer *tracer = nullptr; ///< set by middleware/tracing
    std::shared_ptr<async::Trace> trace; ///< made with the context; shared with all that is done for the request
    std::chrono::nanoseconds waited{ 0 }; ///< for its turn in the loop, before: see runtime::LoopTurn
    async::Deadline deadline; ///< set from the route; the channel's sweep fires the token when it is past
    const async::RateLimiter *limiter = nullptr; ///< that counted this; null: none did. By middleware/ratelimit
    async::RateLimiter::Decision rate; ///< of the limiter
    qsizetype layersEntered = 0; ///< of the middleware, by the pipeline: after() runs for these

    /// For services. The token fires when the client leaves, the deadline passes or the drain is over. Made at the
    /// first call: a handler that answers at once pays nothing.
    async::Context context();

    /// Answers; once. On the reactor. Observers see the response first, then the channel sends it and may go on to the
    /// connection's next request: whoever has answered does not touch the exchange any more.
    void answer(Response &&response);
    /// Answers with problem(error).
    void fail(const Error &error);
    /// The same for whatever is being thrown. Call inside a catch block.
    void failWithCurrentException();
    bool isAnswered() const { return m_isAnswered; }

    /// For routes of WebSockets, in place of answer().
    void acceptUpgrade(QWebSocketServer *server);
    HttpChannel *channel() const { return m_answerer.channel(); }

    /// Whether the client has left or the deadline has passed: the answer will not be read.
    bool isStopped() const { return m_isStopped; }
    /// By the channel: fires the token.
    void requestStop();

    void setObserver(AnswerObserver *observer) { m_observer = observer; }

    /// The body in pieces: of a route that is streamed, as it arrives; of another, at once.
    IncomingBody &incoming();
    /// By the channel, of one that is to arrive.
    void beginIncoming(std::function<void()> wanted);

    /// Made ready for the next request; buffers keep their capacity.
    void reset();

private:
    bool claimAnswer();

    Answerer &m_answerer;
    AnswerObserver *m_observer = nullptr;
    std::stop_source m_stop{ std::nostopstate };
    std::unique_ptr<IncomingBody> m_incoming; // made when it is asked for
    bool m_isAnswered = false;
    bool m_isStopped = false;
};

/// What the listener hands complete requests to. http::Pipeline is the real one.
class RequestHandler
{
public:
    virtual ~RequestHandler() = default;
    /// Answers @p exchange, now or later. Must not throw. On the reactor of the exchange.
    virtual void handle(Exchange &exchange) = 0;
    struct BodyRule
    {
        qint64 limit = 0; ///< in bytes: 413 beyond
        bool isStreamed = false; ///< handled as soon as its head has arrived: see Exchange::incoming()
    };
    /// Of a request of which only the head has arrived; @p fallback is the server's limit.
    virtual BodyRule bodyRule(const Request &head, qint64 fallback)
    {
        Q_UNUSED(head);
        return { .limit = fallback };
    }
};

} // namespace godwit::http
