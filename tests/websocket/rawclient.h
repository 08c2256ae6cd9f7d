// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QTcpSocket>

#include <optional>

namespace godwit::test {

/// A WebSocket client that does exactly what it is told, right or wrong. Blocks; the server is on other threads.
class RawClient
{
public:
    enum Opcode : quint8 { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };
    enum class Mask { Yes, No };
    struct Frame
    {
        quint8 opcode = 0;
        QByteArray payload;

        /// Of a close frame; 1005 if it has none.
        int closeCode() const;
        QByteArray closeReason() const { return payload.mid(2); }
    };

    explicit RawClient(quint16 port);

    /// Sends a GET for @p target; with the fields of a good handshake unless @p fields replaces them.
    void request(const QByteArray &target, const QByteArray &fields = handshakeFields());
    static QByteArray handshakeFields();
    /// The head of an answer, to its empty line; empty at the end of the connection. Reads its body too.
    QByteArray readAnswer();
    const QByteArray &answerBody() const { return m_answerBody; }
    /// request() and readAnswer(): whether the answer is 101.
    bool open(const QByteArray &target);

    void send(Opcode opcode, const QByteArray &payload, Mask mask = Mask::Yes, bool isFinal = true);
    static QByteArray frameBytes(Opcode opcode, const QByteArray &payload, Mask mask = Mask::Yes, bool isFinal = true);
    void sendBytes(const QByteArray &bytes);
    /// The next frame; none if the connection ends first, or none comes for @p milliseconds.
    std::optional<Frame> readFrame(int milliseconds = 5'000);
    /// Reads and drops what comes until the server ends the connection; false if it does not.
    bool waitForEnd(int milliseconds = 5'000);
    /// Ends it by a reset.
    void abort() { m_socket.abort(); }
    QTcpSocket &socket() { return m_socket; }

private:
    bool fill(int milliseconds);
    qsizetype frameSize() const;

    QTcpSocket m_socket;
    QByteArray m_buffer, m_answerBody;
};

} // namespace godwit::test
