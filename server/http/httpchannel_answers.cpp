// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The way of an answer through a channel: from the handler to the transport.
#include "server/http/answerframer.h"
#include "server/http/framesource.h"
#include "server/http/httpchannel.h"
#include "server/http/listener.h"

using namespace std::chrono_literals;

namespace godwit::http {

namespace {

/// A body is asked for this much at a time, and only while no more than this is unsent.
constexpr qsizetype Piece = 64 * 1024;
/// For the chunk's framing, and for a body that goes a row beyond what it is asked for.
constexpr qsizetype PieceSlack = 1024;
/// How many pieces a fast reader is sent in a row, before others are looked after.
constexpr int PiecesInARow = 16;
/// How long, after the last word, a client may take to close.
constexpr auto LingerTime = 5s;

} // namespace

Framing HttpChannel::framing() const
{
    const Request &request = m_exchange.request;
    Framing framing;
    framing.minorVersion = request.minorVersion();
    framing.headOnly = m_isHeadOnly;
    framing.closes = m_closesAfter;
    framing.wantsKeepAlive = request.minorVersion() == 0;
    return framing;
}

void HttpChannel::answer(Exchange &, Response &&response)
{
    m_isUnanswered = false;
    if (m_phase == Phase::Gone)
        return goDown();
    if (m_isReceiving) { // nobody takes the rest
        m_isReceiving = false;
        m_phaseDue = 0;
        m_closesAfter = true;
        m_lingers = true;
    }
    if (response.closesConnection() || m_registry.isDraining()) {
        // What the client does not know yet. It may have sent its next request.
        m_lingers = m_lingers || !m_closesAfter;
        m_closesAfter = true;
    }
    const ContentForm form = writeResponse(m_output, response, framing());
    if (form != ContentForm::Complete)
        beginBody(form, response.body());
    if (m_isDispatching)
        return; // handleRequest() goes on
    if (m_body) {
        pump();
    } else {
        finishAnswer();
        flush();
    }
    if (m_phase == Phase::Reading)
        m_registry.schedule(this); // the next request; not from within its predecessor's answer
}

void HttpChannel::beginBody(ContentForm form, std::shared_ptr<Body> body)
{
    m_body = std::move(body);
    m_contentForm = form;
    m_bodyMissing = m_body->size();
    if (form == ContentForm::UntilClose)
        m_closesAfter = true;
    m_body->setWaker([this] { m_registry.schedule(this); });
    if (m_registry.isDraining() && m_body->isEndless())
        m_body->drain();
    if (m_isAtEnd && m_body->isEndless())
        m_registry.schedule(this);
}

/// Asks the body for more as long as the client takes it.
void HttpChannel::pump()
{
    if (m_isAtEnd && isStreamingEndlessly())
        return kill();
    if (m_output.isBlocked()) { // the rest of a piece goes before the next, so that the buffer holds one at most
        flush();
        if (m_phase == Phase::Gone || m_output.isBlocked())
            return;
    }
    for (int i = 0; i < PiecesInARow && m_body; ++i) {
        const Body::State state = m_output.size() < Piece ? readBody() : Body::State::More;
        if (state == Body::State::Failed)
            return kill(); // chunks that do not end tell the client that this was not all
        if (state == Body::State::End) {
            dropBody();
            if (m_contentForm == ContentForm::Chunked)
                endChunks(m_output.buffer());
            if (m_contentForm == ContentForm::Sized && m_bodyMissing > 0)
                return kill(); // less than it said: the only honest end
            finishAnswer();
        }
        flush();
        if (state == Body::State::Wait || m_phase == Phase::Gone || !m_output.isEmpty())
            return; // until the waker, or until the descriptor is writable
    }
    m_registry.schedule(this);
}

Body::State HttpChannel::readBody()
{
    // Made at once, for growth in steps would copy each piece some times over; events are small, and wait.
    QByteArray &out = m_body->isEndless() ? m_output.buffer() : m_output.bufferFor(Piece + PieceSlack);
    if (m_contentForm == ContentForm::Chunked)
        return writeChunk(out, [this](QByteArray &to) { return m_body->read(to, Piece); });
    const qsizetype before = out.size();
    const Body::State state = m_body->read(out, Piece);
    if (m_contentForm == ContentForm::Sized) {
        m_bodyMissing -= out.size() - before;
        if (m_bodyMissing < 0) // more than it said would be taken for the next answer
            out.chop(qsizetype(-std::exchange(m_bodyMissing, 0)));
        if (m_bodyMissing == 0)
            return Body::State::End;
    }
    return state;
}

void HttpChannel::dropBody()
{
    if (!m_body)
        return;
    m_body->setWaker({}); // its producer may hold it longer than this lives
    m_body.reset();
}

/// All of the answer is in the output: ready for the next request, or for the end.
void HttpChannel::finishAnswer()
{
    m_parser.reset(m_exchange.request);
    m_exchange.reset();
    if (m_closesAfter) {
        m_lingers = m_lingers || m_readAheadAt < m_readAhead.size();
        m_readAhead = QByteArray();
        m_readAheadAt = 0;
        m_phase = Phase::Lingering;
        m_phaseDue = 0;
        return;
    }
    m_phase = Phase::Reading;
    m_awaiting = Awaiting::Request;
    setPhaseDeadline(idleTimeout());
}

void HttpChannel::flush()
{
    if (m_phase == Phase::Gone)
        return;
    qint64 written = 0;
    const OutputQueue::Flushed flushed = m_output.flushTo(*m_transport, written);
    if (flushed == OutputQueue::Flushed::Failed)
        return kill();
    if (flushed == OutputQueue::Flushed::Blocked) {
        m_watch->setInterest(m_watch->interest() | runtime::DescriptorEvent::Writable);
        if (written > 0 || m_writeDue == 0) {
            m_writeDue = m_registry.after(m_options->limits.writeTimeout);
            setDeadlines();
        }
    } else if (m_writeDue != 0) {
        m_writeDue = 0;
        setDeadlines();
    }
    if (written > 0 && m_frameSource) // instead of a signal: a seventh of what a delivery to a WebSocket took
        m_frameSource->framesTaken();
    else if (written > 0 && (m_framer || m_phase == Phase::PassThrough))
        Q_EMIT bytesWritten(written);
    relieve();
    if (m_phase == Phase::Lingering && !m_isShutDown && m_output.isEmpty())
        finishConnection();
}

/// The last word has been sent.
void HttpChannel::finishConnection()
{
    m_isShutDown = true;
    if (!m_lingers || m_isAtEnd) {
        m_transport->sayGoodbye();
        return kill();
    }
    // To close with input unread would send a reset, which can overtake the answer.
    m_transport->shutdownWrite();
    setPhaseDeadline(LingerTime);
    setReading(true);
}

} // namespace godwit::http
