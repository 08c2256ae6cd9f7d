// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A body that arrives while its handler is at work: see IncomingBody.
#include "server/http/httpchannel.h"
#include "server/http/listener.h"

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

/// Of a body, what the handler has not taken: beyond, the socket is not read.
constexpr qsizetype Window = 128 * 1024;
/// So much has to arrive within each body timeout, or the rest.
constexpr qint64 LeastProgress = 16 * 1024;

Error cutShort()
{
    return { Error::Code::InvalidArgument, u"the body ended before its time"_s };
}

Error toError(Status refusal, QLatin1StringView reason)
{
    const auto code = refusal == Status::ContentTooLarge ? Error::Code::PayloadTooLarge : Error::Code::InvalidArgument;
    return { code, QString(reason) };
}

} // namespace

void HttpChannel::beginReceiving()
{
    m_exchange.beginIncoming([this] { m_registry.schedule(this); });
    m_saysContinue = m_parser.expectsContinue();
    m_progress = 0;
    m_phaseDue = m_registry.after(m_options->limits.bodyTimeout);
}

/// Of bytes that follow the head; what belongs to the next request is kept.
void HttpChannel::receive(QByteArrayView bytes)
{
    const qsizetype used = feedBody(bytes);
    if (used < bytes.size())
        m_readAhead.append(bytes.sliced(used));
    regulate();
}

/// The handler wants more.
void HttpChannel::receiveReadAhead()
{
    if (m_readAheadAt < m_readAhead.size() && m_exchange.incoming().size() < Window)
        m_readAheadAt += feedBody(QByteArrayView(m_readAhead).sliced(m_readAheadAt));
    if (m_readAheadAt == m_readAhead.size()) {
        m_readAhead = QByteArray();
        m_readAheadAt = 0;
    }
    if (!m_isReceiving)
        return;
    // Only now: whoever is refused need not send it.
    if (m_saysContinue && m_exchange.incoming().isWanted()) {
        m_saysContinue = false;
        m_output.buffer() += "HTTP/1.1 100 Continue\r\n\r\n";
        flush();
    }
    if (m_isReceiving && m_isAtEnd && m_readAhead.isEmpty())
        endReceiving(cutShort());
    regulate();
}

qsizetype HttpChannel::feedBody(QByteArrayView bytes)
{
    IncomingBody &incoming = m_exchange.incoming();
    const qsizetype used = m_parser.feed(bytes, m_exchange.request);
    QByteArray piece = m_exchange.request.takeBody();
    m_saysContinue = false;
    m_progress += piece.size();
    if (m_progress >= LeastProgress) {
        m_progress = 0;
        setPhaseDeadline(m_options->limits.bodyTimeout);
    }
    if (!piece.isEmpty())
        incoming.append(std::move(piece));
    if (m_parser.state() == RequestParser::State::Complete) {
        m_isReceiving = false;
        m_phaseDue = 0;
        setDeadlines();
        incoming.complete();
    } else if (m_parser.state() == RequestParser::State::Refused) {
        m_options->counts->countRefusedRequest();
        endReceiving(toError(m_parser.refusal(), m_parser.reason()));
    }
    return used;
}

/// Reads while there is room. Whom we do not read is not too slow.
void HttpChannel::regulate()
{
    if (!m_isReceiving)
        return;
    const bool hasRoom = m_readAhead.isEmpty() && m_exchange.incoming().size() < Window;
    if (hasRoom == isReading())
        return;
    setReading(hasRoom);
    m_progress = 0;
    m_phaseDue = hasRoom ? m_registry.after(m_options->limits.bodyTimeout) : 0;
    setDeadlines();
}

/// The rest of the body does not come, or is of no use: nobody knows where the next request begins.
void HttpChannel::endReceiving(const Error &error)
{
    m_isReceiving = false;
    m_closesAfter = true;
    m_lingers = true;
    m_phaseDue = 0;
    setReading(false);
    setDeadlines();
    m_exchange.incoming().fail(error);
}

} // namespace godwit::http
