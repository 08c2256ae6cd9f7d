// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtTest>

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace godwit::test {

/// Two connected stream sockets, non-blocking, closed at the end.
class SocketPair
{
    Q_DISABLE_COPY_MOVE(SocketPair)

public:
    SocketPair()
    {
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, m_ends) != 0)
            qFatal("socketpair");
    }
    ~SocketPair()
    {
        closeNear();
        closeFar();
    }

    int near() const { return m_ends[0]; }
    void send(const char *bytes) const
    {
        QVERIFY(::write(m_ends[1], bytes, qstrlen(bytes)) == ssize_t(qstrlen(bytes)));
    }
    /// From the near end; what is there, at most @p count.
    qsizetype take(qsizetype count = 1) const
    {
        QByteArray bytes(count, Qt::Uninitialized);
        return ::read(m_ends[0], bytes.data(), size_t(count));
    }
    void closeNear() { close(m_ends[0]); }
    void closeFar() { close(m_ends[1]); }

private:
    static void close(int &end)
    {
        if (end >= 0)
            ::close(std::exchange(end, -1));
    }

    int m_ends[2] = { -1, -1 };
};

} // namespace godwit::test
