// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/exchange.h"

#include "server/http/problem.h"

#include <QLoggingCategory>
#include <QUnhandledException>

using namespace Qt::StringLiterals;

namespace godwit::http {

Q_LOGGING_CATEGORY(exchangeLog, "godwit.http.exchange")

async::Context Exchange::context()
{
    if (!m_stop.stop_possible()) {
        m_stop = std::stop_source();
        if (m_isStopped)
            m_stop.request_stop();
    }
    if (tracer && !trace)
        trace = tracer->begin(request);
    return { .stop = m_stop.get_token(), .deadline = deadline, .requestId = requestId, .trace = { trace, 0 } };
}

bool Exchange::claimAnswer()
{
    if (m_isAnswered) {
        qCCritical(exchangeLog, "a second answer to one request was dropped: %s",
                   request.target().toByteArray().constData());
        return false;
    }
    m_isAnswered = true;
    return true;
}

void Exchange::answer(Response &&response)
{
    if (!claimAnswer())
        return;
    if (m_observer)
        m_observer->answering(*this, response);
    m_answerer.answer(*this, std::move(response)); // this may be the next request's already
}

void Exchange::acceptUpgrade(QWebSocketServer *server)
{
    if (!claimAnswer())
        return;
    if (m_observer) {
        // For the counters and the log alone: the web socket server writes the handshake.
        Response response(Status::SwitchingProtocols);
        m_observer->answering(*this, response);
    }
    m_answerer.acceptUpgrade(*this, server);
}

void Exchange::fail(const Error &error)
{
    answer(problem(error, *this));
}

void Exchange::failWithCurrentException()
{
    try {
        throw;
    } catch (const StatusError &error) {
        answer(problem(error.status(), error.message(), this));
    } catch (const Error &error) {
        fail(error);
    } catch (const QUnhandledException &error) {
        // How a QFuture carries what is not a QException.
        fail(
            Error::internal(u"an exception of a foreign type on another thread: "_s + QString::fromUtf8(error.what())));
    } catch (const std::exception &error) {
        fail(Error::internal(QString::fromUtf8(error.what())));
    } catch (...) {
        fail(Error::internal(u"an exception of unknown type"_s));
    }
}

IncomingBody &Exchange::incoming()
{
    if (!m_incoming)
        m_incoming = std::make_unique<IncomingBody>(request.body().toByteArray());
    return *m_incoming;
}

void Exchange::beginIncoming(std::function<void()> wanted)
{
    m_incoming = std::make_unique<IncomingBody>(std::move(wanted));
}

void Exchange::requestStop()
{
    m_isStopped = true;
    if (m_incoming)
        m_incoming->fail(async::Context{ .stop = {}, .deadline = deadline }.stopError());
    m_stop.request_stop();
}

void Exchange::reset()
{
    route = nullptr;
    parameters.clear();
    requestId.clear();
    principal.reset();
    login.reset();
    tokenFault.clear();
    startedAt = {};
    answeredAt = {};
    tracer = nullptr;
    trace.reset();
    waited = {};
    deadline = {};
    limiter = nullptr;
    layersEntered = 0;
    m_observer = nullptr;
    m_isAnswered = false;
    m_isStopped = false;
    m_incoming.reset();
    if (m_stop.stop_possible())
        m_stop = std::stop_source(std::nostopstate);
}

} // namespace godwit::http
