// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/channelregistry.h"
#include "server/http/connectioncounts.h"
#include "server/http/exchange.h"
#include "server/http/limits.h"
#include "server/http/outputqueue.h"
#include "server/http/requestparser.h"
#include "server/http/responsewriter.h"
#include "server/http/transport.h"
#include "server/runtime/descriptorwatch.h"

#include <QPointer>
#include <QTcpSocket>

#include <memory>
#include <optional>

namespace godwit::http {

class AnswerFramer;
class FrameGuard;
class FrameSource;
class Listener;
struct ListenOptions;

/// The facade socket: owns a Transport (plain or TLS), frames HTTP/1.1 strictly, shows QAbstractHttpServer one complete
/// request at a time, and hands itself to a QWebSocketServer at an accepted upgrade. A QTcpSocket without a socket
/// engine, as QSslSocket is one.
///
/// When has a client left? A reset or an error is certain: the request's token fires at once. The end of its stream
/// alone is not: it may have shut down its sending half only, and still reads. So a request in work is answered; but
/// once it has been for a second with a client that is at its end, an interim `102 Processing` is sent, to which the
/// system of a client that is gone replies with a reset. Endless bodies (events) and WebSockets end with the stream.
///
/// A client that leaves while its request is with a handler: the descriptor is closed at once, `disconnected` is
/// emitted and the object deleted only after the answer.
class HttpChannel final : public QTcpSocket, public Answerer, private runtime::DescriptorSink
{
    Q_OBJECT
public:
    struct Peer
    {
        QHostAddress address; ///< null: a Unix socket
        quint16 port = 0;
    };

    /// @p listener, its parent, may be null: then the channel is not announced to a QAbstractHttpServer.
    HttpChannel(std::unique_ptr<Transport> transport, const Peer &peer, std::shared_ptr<const ListenOptions> options,
                ConnectionCounts::Lease lease, Listener *listener);
    ~HttpChannel() override;

    /// The request that is shown to QAbstractHttpServer or with its handler.
    Exchange &exchange() { return m_exchange; }
    const Exchange &exchange() const { return m_exchange; }
    /// Whose request is being shown at the moment; null otherwise.
    static HttpChannel *current();

    /// After the upgrade: prebuilt, unmasked frames, coalesced with others to one write a loop turn. Must not come
    /// between the fragments of a QWebSocket message nor after a close frame.
    void writeFrame(const QByteArray &frame);
    /// After the upgrade: asked for frames at each turn. Not owned; to be taken away (null) before it dies.
    void setFrameSource(FrameSource *source) { m_frameSource = source; }
    /// A turn of this channel at the end of this turn of the loop, or soon after.
    void scheduleTurn() { m_registry.schedule(this); }
    /// After the upgrade: while false nothing more is received, so that a client which sends faster than it is served
    /// is stopped by TCP.
    void setReading(bool reads);
    /// Ends the connection at once; nothing more is sent.
    void abortConnection();
    /// During QWebSocketServer::newConnection: the channel beneath the QWebSocket that is about to be returned by
    /// nextPendingConnection(). Null otherwise.
    static HttpChannel *upgrading();

    // Answerer
    void answer(Exchange &exchange, Response &&response) override;
    void acceptUpgrade(Exchange &exchange, QWebSocketServer *server) override;
    HttpChannel *channel() override { return this; }

    // QIODevice
    bool isSequential() const override { return true; }
    qint64 bytesAvailable() const override;
    qint64 bytesToWrite() const override; ///< what has not reached the kernel yet
    void disconnectFromHost() override { close(); }
    void close() override; ///< after what is still to be sent

    /// Of this process, from 1; a WebSocket may get another one at its upgrade.
    quint64 id() const { return m_id; }
    OpenConnection asSeen() const;

    // For ChannelRegistry and Listener.
    enum class Phase : quint8 {
        Handshake, ///< of TLS
        Reading, ///< between requests, or within one
        Answering, ///< a request is with its handler, or its answer is on the way
        Upgrading, ///< a QWebSocketServer reads the head
        PassThrough, ///< a WebSocket
        Lingering, ///< all has been said; what still comes is read and dropped, so that no reset overtakes the answer
        Gone, ///< the descriptor is closed
    };
    Phase phase() const { return m_phase; }
    /// A request is with its handler.
    bool isUnanswered() const { return m_isUnanswered; }
    bool isStreamingEndlessly() const { return m_body && m_body->isEndless(); }
    void beginDrain();
    void stopRequest();
    /// The end of a loop turn in which this was scheduled.
    void turn();
    /// The deadline has come, or an earlier one had.
    void expire();
    /// The listener dies.
    void orphan();

protected:
    qint64 readData(char *to, qint64 size) override;
    qint64 writeData(const char *from, qint64 size) override;

private:
    friend class ChannelRegistry;
    using Tick = ChannelRegistry::Tick;

    // httpchannel.cpp: readiness, deadlines, the end
    void descriptorReady(runtime::DescriptorEvents events) override;
    void readAvailable();
    void nothingRead(qint64 outcome);
    void received(QByteArrayView bytes);
    void endOfInput();
    bool isReading() const;
    std::chrono::milliseconds idleTimeout() const;
    void setPhaseDeadline(std::chrono::milliseconds span);
    void setDeadlines();
    void expirePhase();
    void expireReading();
    void probe();
    void kill();
    void goDown();

    // httpchannel_requests.cpp
    void takeInput(QByteArrayView bytes);
    void takeReadAhead();
    bool takesRequests() const;
    qsizetype feedParser(QByteArrayView bytes);
    void beginContent();
    void handleRequest();
    void dispatchRequest();
    void showRequest();
    void keepFromQt();
    void dropReadBuffer(OpenMode andThen = {});
    QByteArray fullRequest() const;
    Response refusal(Status status, const QString &reason);
    void refuse(Status status, QLatin1StringView reason);

    // httpchannel_incoming.cpp
    void beginReceiving();
    void receive(QByteArrayView bytes);
    void receiveReadAhead();
    qsizetype feedBody(QByteArrayView bytes);
    void regulate();
    void endReceiving(const Error &error);

    // httpchannel_answers.cpp
    Framing framing() const;
    void beginBody(ContentForm form, std::shared_ptr<Body> body);
    void pump();
    Body::State readBody();
    void dropBody();
    void finishAnswer();
    void flush();
    void finishConnection();

    // httpchannel_socket.cpp: the facade, for Qt's servers
    void show(QByteArray bytes);
    void passTo(QWebSocketServer *server);
    void beginPassThrough();
    void continueUpgrade();
    void deliver(QByteArrayView bytes);
    void relieve();
    void writePassThrough(QByteArrayView bytes);
    void fetchFrames();
    bool hasRoomFor(qint64 size);
    void writeQtAnswer(const char *from, qint64 size);
    void finishQtAnswer();

    const std::shared_ptr<const ListenOptions> m_options; // shared with the listener, which may die first
    std::optional<ConnectionCounts::Lease> m_lease; // until the descriptor is closed
    QPointer<Listener> m_listener;
    RequestHandler *const m_handler; // null: requests are shown to a QAbstractHttpServer, whose answers are framed
    std::unique_ptr<Transport> m_transport;
    const quint64 m_id;
    Tick m_openedAt = 0;
    std::optional<runtime::DescriptorWatch> m_watch;
    ChannelRegistry &m_registry;
    Exchange m_exchange{ *this };
    RequestParser m_parser;
    OutputQueue m_output;

    QByteArray m_readAhead; // behind the request in work
    qsizetype m_readAheadAt = 0;
    QByteArray m_shown; // what the facade gives to read()
    qsizetype m_shownAt = 0;
    std::shared_ptr<Body> m_body; // shared with whoever produces it
    qint64 m_bodyMissing = 0; // of a Sized body
    std::unique_ptr<AnswerFramer> m_framer; // under a plain QHttpServer
    std::unique_ptr<FrameGuard> m_frameGuard;
    FrameSource *m_frameSource = nullptr;
    qint64 m_discarded = 0;
    qint64 m_progress = 0; // bytes of a streamed body since its deadline was set
    qsizetype m_registrySlot = -1;
    int m_requests = 0;
    Tick m_phaseDue = 0, m_writeDue = 0;
    Phase m_phase = Phase::Reading;
    enum class Awaiting : quint8 { Request, Head, Content } m_awaiting = Awaiting::Request; // in Phase::Reading
    ContentForm m_contentForm = ContentForm::Complete;
    bool m_isUnanswered = false; // nobody may delete this
    bool m_isReceiving = false; // a streamed body: its handler has the head, and more is to come
    bool m_saysContinue = false; // as soon as the handler wants it
    bool m_isDispatching = false; // the handler has been called and has not returned
    bool m_isScheduled = false;
    bool m_isFetching = false; // frames, which are written at the end of that
    bool m_isAnnounced = false;
    bool m_isAtEnd = false; // the client sends nothing more
    bool m_isProbed = false;
    bool m_closesAfter = false;
    bool m_isHeadOnly = false;
    bool m_lingers = false; // before it is closed: the client may be sending still
    bool m_isShutDown = false;
    bool m_isCongested = false; // a WebSocket's answers: it is not read
    bool m_readsWhenSent = false; // and after that
};

} // namespace godwit::http
