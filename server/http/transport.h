// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

namespace godwit::http {

/// The bytes beneath a channel: a connected stream socket, never blocking. This one is plain; see TlsTransport.
class Transport
{
    Q_DISABLE_COPY_MOVE(Transport)

public:
    /// What read() and write() return besides a number of bytes.
    enum Outcome : qint64 {
        EndOfStream = 0, ///< the peer sends nothing more; it may still read
        WouldBlock = -1,
        Failed = -2, ///< nothing goes in either direction
    };

    /// Owns @p descriptor.
    explicit Transport(qintptr descriptor) : m_descriptor(descriptor) { }
    virtual ~Transport() { close(); }

    virtual qint64 read(char *to, qint64 size);
    virtual qint64 write(const char *from, qint64 size);
    /// Whether a read() would give bytes that the descriptor will not report any more.
    virtual bool hasBuffered() const { return false; }
    /// Whether the handshake, if there is one, is over. read() drives it.
    virtual bool isReady() const { return true; }
    /// Whether the handshake waits for the descriptor to become writable.
    virtual bool wantsWrite() const { return false; }
    /// Says that we send nothing more, in terms of the protocol above TCP if there is one.
    virtual void sayGoodbye() { }
    /// The same, and shuts our direction down. Reading goes on.
    void shutdownWrite();
    /// At once, with what is unsent; with a reset if something is unread.
    void close();

    bool isOpen() const { return m_descriptor >= 0; }
    qintptr descriptor() const { return m_descriptor; }

private:
    qintptr m_descriptor;
};

} // namespace godwit::http
