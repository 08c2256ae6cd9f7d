// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QHostAddress>
#include <QString>

#include <chrono>

namespace godwit::http {

/// A connection as whoever runs the server sees it: a value.
struct OpenConnection
{
    enum class Kind { Http, EventStream, WebSocket };
    enum class State {
        Handshake, ///< of TLS
        Idle, ///< between requests, or with a part of one
        Busy, ///< a request is with its handler, or its answer is on the way
        Closing, ///< all is said
    };

    quint64 id = 0; ///< in this process
    QHostAddress address{}; ///< null: a Unix socket
    quint16 port = 0;
    State state = State::Idle;
    Kind kind = Kind::Http;
    std::chrono::milliseconds age{ 0 };
    qint64 queuedBytes = 0; ///< not yet taken by the kernel
    int requests = 0; ///< that came over it
    QByteArray route{}, requestId{}; ///< of the request in work, or that became a WebSocket
    QString user{}; ///< who asked
};

} // namespace godwit::http
