// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Readiness, deadlines and the end of a channel.
#include "server/http/httpchannel.h"

#include "server/http/answerframer.h"
#include "server/http/frameguard.h"
#include "server/http/listener.h"

#include <array>
#include <atomic>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::http {

namespace {

/// How much is read behind a request that is in work; beyond, TCP holds the client back.
constexpr qsizetype ReadAhead = 64 * 1024;
/// How much a client may go on sending that nobody reads, so that it sees the answer.
constexpr qint64 LingerBytes = 32 * 1024 * 1024;
/// How long a request with a client that is at its end waits before the client is probed.
constexpr auto ProbeAfter = 1s;
/// How long an idle connection is kept when the server drains: for the request that its client is about to send, as one
/// does that asks again and again, or that has just come.
constexpr auto LastRequestTime = 500ms;

std::atomic<quint64> nextId{ 1 };

} // namespace

HttpChannel::HttpChannel(std::unique_ptr<Transport> transport, const Peer &peer,
                         std::shared_ptr<const ListenOptions> options, ConnectionCounts::Lease lease,
                         Listener *listener)
    : QTcpSocket(listener),
      m_options(std::move(options)),
      m_lease(std::move(lease)),
      m_listener(listener),
      m_handler(listener ? listener->handler() : nullptr),
      m_transport(std::move(transport)),
      m_id(nextId.fetch_add(1, std::memory_order_relaxed)),
      m_registry(ChannelRegistry::ofThisThread()),
      m_parser(m_options->limits)
{
    setSocketState(ConnectedState);
    setOpenMode(ReadWrite);
    setPeerAddress(peer.address);
    setPeerPort(peer.port);
    m_exchange.request.setClientAddress(peer.address);
    m_exchange.request.setSecure(m_options->tls != nullptr && !peer.address.isNull());
    m_registry.add(this);
    m_openedAt = m_registry.now();
    m_watch.emplace(m_transport->descriptor(), static_cast<runtime::DescriptorSink &>(*this));
    setReading(true);
    if (m_transport->isReady()) {
        setPhaseDeadline(idleTimeout());
    } else {
        m_phase = Phase::Handshake;
        setPhaseDeadline(m_options->limits.handshakeTimeout);
    }
}

HttpChannel::~HttpChannel()
{
    m_watch.reset();
    dropBody();
    if (upgrading() == this)
        continueUpgrade();
    m_registry.remove(this);
}

std::chrono::milliseconds HttpChannel::idleTimeout() const
{
    const auto usual = m_options->limits.idleTimeout;
    return m_registry.isDraining() ? std::min<std::chrono::milliseconds>(usual, LastRequestTime) : usual;
}

void HttpChannel::setReading(bool reads)
{
    if (m_isCongested) {
        m_readsWhenSent = reads;
        return;
    }
    m_watch->setInterest(m_watch->interest().setFlag(runtime::DescriptorEvent::Readable, reads && !m_isAtEnd));
}

bool HttpChannel::isReading() const
{
    return m_watch && m_watch->interest().testFlag(runtime::DescriptorEvent::Readable);
}

void HttpChannel::descriptorReady(runtime::DescriptorEvents events)
{
    using enum runtime::DescriptorEvent;
    if (events.testFlag(Writable)) {
        m_watch->setInterest(m_watch->interest().setFlag(Writable, false));
        if (m_phase == Phase::Handshake)
            readAvailable();
        else
            turn();
    }
    if (m_phase == Phase::Gone || !(events & (Readable | Failed | HungUp)))
        return;
    if (isReading())
        readAvailable();
    else if (events & (Failed | HungUp)) // reset while we were not reading
        kill();
}

void HttpChannel::readAvailable()
{
    // Of the thread and not of the stack, whose size is configured. Nothing is kept in it across a call of a handler.
    static thread_local std::array<char, 64 * 1024> piece;
    for (;;) {
        const qint64 size = m_transport->read(piece.data(), qint64(piece.size()));
        if (m_phase == Phase::Handshake && m_transport->isReady()) {
            m_phase = Phase::Reading;
            setPhaseDeadline(idleTimeout());
        }
        if (size <= 0)
            return nothingRead(size);
        received({ piece.data(), size });
        if (m_phase != Phase::Gone && !m_output.isEmpty())
            flush();
        // Only while there was something: TLS holds parts of records, too, that cannot be read yet.
        if (!isReading() || !m_transport->hasBuffered())
            return;
    }
}

void HttpChannel::nothingRead(qint64 outcome)
{
    if (outcome == Transport::EndOfStream)
        endOfInput();
    else if (outcome == Transport::Failed)
        kill();
    else if (m_transport->wantsWrite())
        m_watch->setInterest(m_watch->interest() | runtime::DescriptorEvent::Writable);
}

void HttpChannel::received(QByteArrayView bytes)
{
    switch (m_phase) {
    case Phase::Reading:
        if (m_readAhead.isEmpty() && takesRequests())
            return takeInput(bytes);
        [[fallthrough]];
    case Phase::Answering:
        if (m_isReceiving && m_readAhead.isEmpty())
            return receive(bytes);
        [[fallthrough]];
    case Phase::Upgrading:
        m_readAhead.append(bytes);
        if (m_readAhead.size() - m_readAheadAt >= ReadAhead)
            setReading(false);
        return;
    case Phase::PassThrough:
        return deliver(bytes);
    case Phase::Lingering:
        m_discarded += bytes.size();
        if (m_discarded > LingerBytes)
            kill();
        return;
    case Phase::Handshake:
    case Phase::Gone:
        return;
    }
}

void HttpChannel::endOfInput()
{
    m_isAtEnd = true;
    setReading(false);
    switch (m_phase) {
    case Phase::Reading:
        if (m_readAhead.isEmpty() && m_output.isEmpty())
            kill();
        else
            m_registry.schedule(this); // which ends it when all has been taken and sent
        return;
    case Phase::Answering:
        if (m_isReceiving && m_readAhead.isEmpty())
            receiveReadAhead(); // which finds that no more comes
        if (isStreamingEndlessly())
            kill();
        else if (m_isUnanswered)
            setPhaseDeadline(ProbeAfter);
        return;
    case Phase::PassThrough:
        flush(); // the answer to a close frame that came just before
        kill();
        return;
    case Phase::Lingering:
        if (m_isShutDown)
            kill();
        return; // else as soon as the answer is out
    case Phase::Handshake:
    case Phase::Upgrading:
        kill();
        return;
    case Phase::Gone:
        return;
    }
}

void HttpChannel::turn()
{
    if (m_phase == Phase::Gone)
        return;
    if (upgrading() == this)
        continueUpgrade();
    if (m_body) {
        pump();
    } else {
        fetchFrames();
        flush();
    }
    if (m_isReceiving)
        receiveReadAhead();
    if (m_phase == Phase::Reading)
        takeReadAhead();
    // What TLS has decrypted already is not reported by the descriptor any more.
    if (isReading() && m_transport->hasBuffered())
        readAvailable();
}

void HttpChannel::setPhaseDeadline(std::chrono::milliseconds span)
{
    m_phaseDue = m_registry.after(span);
    setDeadlines();
}

void HttpChannel::setDeadlines()
{
    Tick due = m_phaseDue;
    const auto consider = [&due](Tick other) {
        if (other != 0 && (due == 0 || other < due))
            due = other;
    };
    consider(m_writeDue);
    if (m_isUnanswered && !m_exchange.deadline.isNever() && !m_exchange.isStopped())
        consider(m_registry.after(std::max(1ms, m_exchange.deadline.remaining())));
    m_registry.setDue(m_registrySlot, due);
}

void HttpChannel::expire()
{
    const Tick now = m_registry.now();
    if (m_writeDue != 0 && m_writeDue <= now)
        return kill(); // a client that owes us reading
    if (m_isUnanswered && !m_exchange.isStopped() && m_exchange.deadline.hasPassed())
        m_exchange.requestStop();
    if (m_phaseDue != 0 && m_phaseDue <= now) {
        m_phaseDue = 0;
        expirePhase();
    }
    setDeadlines();
}

void HttpChannel::expirePhase()
{
    switch (m_phase) {
    case Phase::Reading:
        return expireReading();
    case Phase::Answering:
        if (m_isReceiving)
            return endReceiving({ Error::Code::DeadlineExceeded, u"the body did not arrive in time"_s });
        return probe();
    case Phase::Handshake:
    case Phase::Upgrading:
    case Phase::PassThrough:
    case Phase::Lingering:
        return kill();
    case Phase::Gone:
        return;
    }
}

void HttpChannel::expireReading()
{
    switch (m_awaiting) {
    case Awaiting::Request:
        if (!m_output.isEmpty()) // not idle: it is still being answered; the write deadline looks after that
            return setPhaseDeadline(idleTimeout());
        m_closesAfter = true;
        m_lingers = m_registry.isDraining(); // a request may be on its way
        m_phase = Phase::Lingering;
        return flush();
    case Awaiting::Head:
        return refuse(Status::RequestTimeout, "the head did not arrive in time"_L1);
    case Awaiting::Content:
        return refuse(Status::RequestTimeout, "the body did not arrive in time"_L1);
    }
}

/// Finds out whether a client at its end still reads: see the class.
void HttpChannel::probe()
{
    if (!m_isAtEnd || !m_isUnanswered || m_isProbed || m_exchange.request.minorVersion() == 0 || m_framer)
        return;
    m_isProbed = true;
    m_output.buffer() += "HTTP/1.1 102 Processing\r\n\r\n";
    flush();
}

void HttpChannel::beginDrain()
{
    switch (m_phase) {
    case Phase::Handshake:
        return setPhaseDeadline(idleTimeout());
    case Phase::Reading:
        // A request may be on its way, or wait in the kernel: it is answered.
        if (m_awaiting == Awaiting::Request && m_readAhead.isEmpty())
            setPhaseDeadline(idleTimeout());
        return;
    case Phase::Answering:
        m_closesAfter = true;
        if (isStreamingEndlessly())
            m_body->drain();
        return;
    case Phase::Upgrading:
    case Phase::PassThrough:
    case Phase::Lingering:
    case Phase::Gone:
        return;
    }
}

void HttpChannel::stopRequest()
{
    if (m_isUnanswered)
        m_exchange.requestStop();
}

void HttpChannel::abortConnection()
{
    kill();
}

void HttpChannel::orphan()
{
    setParent(nullptr);
    kill();
    if (!m_isUnanswered)
        delete this;
}

/// The client has left, or we have done.
void HttpChannel::kill()
{
    if (m_phase == Phase::Gone)
        return;
    m_phase = Phase::Gone;
    m_isReceiving = false;
    m_phaseDue = m_writeDue = 0;
    m_watch.reset();
    m_transport->close();
    m_lease.reset();
    m_output.clear();
    m_readAhead = QByteArray();
    dropBody();
    m_registry.setDue(m_registrySlot, 0);
    if (m_isUnanswered)
        m_exchange.requestStop(); // may answer at once
    if (!m_isUnanswered)
        goDown();
}

/// Tells Qt's servers, and deletes. Nobody holds the request any more.
void HttpChannel::goDown()
{
    if (m_isDispatching || state() == UnconnectedState)
        return;
    const QPointer<HttpChannel> self(this);
    setSocketState(UnconnectedState);
    Q_EMIT stateChanged(UnconnectedState);
    if (self)
        Q_EMIT disconnected();
    if (self)
        deleteLater();
}

} // namespace godwit::http
