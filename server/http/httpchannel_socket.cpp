// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The facade: what a channel is to QAbstractHttpServer, QWebSocketServer and QWebSocket, and to the engine room.
#include "server/http/answerframer.h"
#include "server/http/frameguard.h"
#include "server/http/framesource.h"
#include "server/http/httpchannel.h"
#include "server/http/listener.h"
#include "server/http/router.h"

#include <QWebSocketServer>

#include <cstring>

namespace godwit::http {

namespace {

thread_local HttpChannel *upgradingChannel = nullptr;

/// A WebSocket that asks (pings, too, are answered) and does not read the answers is not read any more from here on.
constexpr qint64 CongestedPassThrough = 2 * 1024 * 1024;

} // namespace

HttpChannel *HttpChannel::upgrading()
{
    return upgradingChannel;
}

static OpenConnection::State stateOf(HttpChannel::Phase phase)
{
    switch (phase) {
    case HttpChannel::Phase::Handshake:
        return OpenConnection::State::Handshake;
    case HttpChannel::Phase::Reading:
        return OpenConnection::State::Idle;
    case HttpChannel::Phase::Answering:
    case HttpChannel::Phase::Upgrading:
    case HttpChannel::Phase::PassThrough:
        return OpenConnection::State::Busy;
    case HttpChannel::Phase::Lingering:
    case HttpChannel::Phase::Gone:
        break;
    }
    return OpenConnection::State::Closing;
}

OpenConnection HttpChannel::asSeen() const
{
    OpenConnection seen{ .id = m_id, .address = peerAddress(), .port = peerPort(), .state = stateOf(m_phase) };
    if (m_phase == Phase::PassThrough || m_phase == Phase::Upgrading)
        seen.kind = OpenConnection::Kind::WebSocket;
    else if (isStreamingEndlessly())
        seen.kind = OpenConnection::Kind::EventStream;
    seen.age = (m_registry.now() - std::min(m_registry.now(), m_openedAt)) * ChannelRegistry::TickLength;
    seen.queuedBytes = bytesToWrite();
    seen.requests = m_requests;
    if (seen.state == OpenConnection::State::Busy) {
        seen.route = m_exchange.route ? m_exchange.route->pattern : QByteArray();
        seen.requestId = m_exchange.requestId;
        seen.user = m_exchange.principal ? m_exchange.principal->name : QString();
    }
    return seen;
}

qint64 HttpChannel::bytesAvailable() const
{
    // NOLINTNEXTLINE(bugprone-parent-virtual-call): QAbstractSocket's would count a buffer that is not in use
    return QIODevice::bytesAvailable() + m_shown.size() - m_shownAt;
}

qint64 HttpChannel::bytesToWrite() const
{
    return m_output.size();
}

void HttpChannel::show(QByteArray bytes)
{
    m_shown = std::move(bytes);
    m_shownAt = 0;
}

qint64 HttpChannel::readData(char *to, qint64 size)
{
    const auto taken = qsizetype(std::min<qint64>(size, m_shown.size() - m_shownAt));
    if (taken == 0) // QIODevice::skip() asks with no buffer then
        return 0;
    memcpy(to, m_shown.constData() + m_shownAt, size_t(taken));
    m_shownAt += taken;
    if (m_shownAt == m_shown.size()) {
        m_shown = QByteArray();
        m_shownAt = 0;
    }
    return taken;
}

qint64 HttpChannel::writeData(const char *from, qint64 size)
{
    if (m_phase == Phase::Upgrading || m_phase == Phase::PassThrough)
        writePassThrough({ from, qsizetype(size) });
    else if (m_framer && m_isUnanswered)
        writeQtAnswer(from, qsizetype(size));
    return size; // to a client that has left, anything may be said
}

void HttpChannel::close()
{
    if (m_phase == Phase::Gone || m_phase == Phase::Lingering)
        return;
    if (m_framer && m_isUnanswered)
        return finishQtAnswer();
    if (m_phase == Phase::Answering) {
        m_closesAfter = true;
        return;
    }
    m_closesAfter = true;
    m_lingers = true;
    m_phase = Phase::Lingering;
    setPhaseDeadline(m_options->limits.writeTimeout);
    m_registry.schedule(this);
}

void HttpChannel::writeFrame(const QByteArray &frame)
{
    if (m_phase == Phase::PassThrough && hasRoomFor(frame.size()))
        m_output.append(frame);
}

/// What the source has, before whatever comes now.
void HttpChannel::fetchFrames()
{
    if (!m_frameSource || std::exchange(m_isFetching, true))
        return;
    m_frameSource->fetchFrames();
    m_isFetching = false;
}

void HttpChannel::writePassThrough(QByteArrayView bytes)
{
    fetchFrames();
    if (!hasRoomFor(bytes.size()))
        return;
    m_output.append(bytes);
    if (m_phase == Phase::Upgrading && m_output.buffer().endsWith("\r\n\r\n")
        && m_output.buffer().contains("HTTP/1.1 101 "))
        beginPassThrough();
}

/// Schedules the sending, or the end of a client that does not read: not from within its QWebSocket's write.
bool HttpChannel::hasRoomFor(qint64 size)
{
    if (!m_isFetching)
        m_registry.schedule(this);
    if (m_output.size() + size <= m_options->limits.outputBytes)
        return true;
    m_output.clear();
    m_phase = Phase::Lingering;
    m_isAtEnd = true;
    return false;
}

void HttpChannel::acceptUpgrade(Exchange &exchange, QWebSocketServer *server)
{
    m_isUnanswered = false;
    if (m_phase == Phase::Gone)
        return goDown();
    if (!m_isAnnounced)
        return passTo(server);
    // QAbstractHttpServer listens to this object: the connection moves to a fresh one, and this one ends.
    m_watch.reset();
    auto *const fresh = new HttpChannel(std::move(m_transport), { peerAddress(), peerPort() }, m_options,
                                        std::move(*m_lease), nullptr);
    m_transport = std::make_unique<Transport>(-1);
    fresh->m_output = std::exchange(m_output, {});
    fresh->m_readAhead = m_readAhead.sliced(m_readAheadAt);
    fresh->m_exchange.request = exchange.request;
    fresh->m_exchange.route = exchange.route; // for whoever looks at it later
    fresh->m_exchange.requestId = exchange.requestId;
    fresh->m_exchange.principal = exchange.principal;
    fresh->m_exchange.login = exchange.login;
    fresh->m_requests = m_requests;
    kill();
    fresh->passTo(server);
}

void HttpChannel::passTo(QWebSocketServer *server)
{
    m_phase = Phase::Upgrading;
    setPhaseDeadline(m_options->limits.headTimeout);
    setReading(false);
    setParent(nullptr); // its QWebSocket takes it, or it ends by itself
    show(m_exchange.request.head().toByteArray());
    server->handleConnection(this);
}

/// The 101 is in the output. The QWebSocket connects to readyRead() before control returns to the loop.
void HttpChannel::beginPassThrough()
{
    m_phase = Phase::PassThrough;
    m_phaseDue = 0;
    setDeadlines();
    m_frameGuard = std::make_unique<FrameGuard>();
    m_framer.reset();
    m_parser.reset(m_exchange.request);
    if (upgradingChannel)
        upgradingChannel->continueUpgrade(); // another of the same turn: it has its QWebSocket by now
    upgradingChannel = this;
}

/// In the turn after: frames that came behind the handshake, then what else comes.
void HttpChannel::continueUpgrade()
{
    upgradingChannel = nullptr;
    if (m_phase != Phase::PassThrough)
        return;
    const QByteArray behind = m_readAhead.sliced(m_readAheadAt);
    m_readAhead = QByteArray();
    m_readAheadAt = 0;
    dropReadBuffer(Unbuffered); // frames are read from where they are
    setReading(true);
    if (!behind.isEmpty())
        deliver(behind);
}

void HttpChannel::deliver(QByteArrayView bytes)
{
    if (m_frameGuard && !m_frameGuard->accepts(bytes)) {
        static const char protocolError[] = "\x88\x02\x03\xea"; // Close, 1002: RFC 6455, 5.1 and 7.4.1
        m_output.append(QByteArrayView(protocolError, 4));
        return close();
    }
    if (m_shownAt == m_shown.size())
        show(bytes.toByteArray());
    else
        m_shown.append(bytes);
    Q_EMIT readyRead();
    if (m_phase == Phase::PassThrough && m_output.size() > CongestedPassThrough && !m_isCongested) {
        m_readsWhenSent = isReading();
        setReading(false);
        m_isCongested = true;
    }
}

/// Reads on once most of what the client had not taken has been sent.
void HttpChannel::relieve()
{
    if (!m_isCongested || m_output.size() > CongestedPassThrough / 2)
        return;
    m_isCongested = false;
    setReading(m_readsWhenSent);
}

void HttpChannel::writeQtAnswer(const char *from, qint64 size)
{
    const AnswerFramer::State state = m_framer->take({ from, qsizetype(size) }, m_output.buffer());
    if (m_phase == Phase::Gone)
        m_output.clear();
    if (state == AnswerFramer::State::Complete)
        return finishQtAnswer();
    if (m_framer->endsWithConnection())
        setPhaseDeadline(m_options->limits.writeTimeout); // nobody says when it ends
    if (!m_isDispatching)
        m_registry.schedule(this);
}

void HttpChannel::finishQtAnswer()
{
    m_isUnanswered = false;
    if (m_phase == Phase::Gone)
        return goDown();
    m_closesAfter = m_closesAfter || !m_framer->isComplete() || m_framer->closes();
    if (m_isDispatching)
        return; // handleRequest() goes on
    finishAnswer();
    m_registry.schedule(this);
}

} // namespace godwit::http
