// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Interface that websocket/ and stream code build on; the http owner completes this class.

#include "server/http/exchange.h"
#include "server/http/limits.h"

#include <QTcpSocket>

namespace godwit::http {

/// The facade socket: owns a Transport (plain or TLS), frames HTTP/1.1 strictly, shows QAbstractHttpServer one complete
/// request at a time, and hands itself to a QWebSocketServer at an accepted upgrade.
class HttpChannel : public QTcpSocket, public Answerer
{
    Q_OBJECT
public:
    /// After the upgrade: prebuilt, unmasked frames, coalesced with others to one write a loop turn. Must not come
    /// between the fragments of a QWebSocket message nor after a close frame.
    void writeFrame(const QByteArray &frame);
    /// Ends the connection at once; nothing more is sent.
    void abortConnection();
    // bytesToWrite() (QIODevice): what has not reached the kernel yet.

    /// During QWebSocketServer::newConnection: the channel beneath the QWebSocket that is about to be returned by
    /// nextPendingConnection(). Null otherwise.
    static HttpChannel *upgrading();
};

} // namespace godwit::http
