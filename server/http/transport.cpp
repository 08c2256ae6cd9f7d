// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/transport.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace godwit::http {

namespace {

#ifdef MSG_NOSIGNAL
constexpr int SendFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
#else
constexpr int SendFlags = MSG_DONTWAIT; // the listener sets SO_NOSIGPIPE there
#endif

bool isPassing(int error)
{
    return error == EAGAIN; // which is EWOULDBLOCK wherever we run
}

} // namespace

qint64 Transport::read(char *to, qint64 size)
{
    for (;;) {
        const ssize_t got = ::recv(int(m_descriptor), to, size_t(size), MSG_DONTWAIT);
        if (got >= 0)
            return got;
        if (errno != EINTR)
            return isPassing(errno) ? WouldBlock : Failed;
    }
}

qint64 Transport::write(const char *from, qint64 size)
{
    for (;;) {
        const ssize_t sent = ::send(int(m_descriptor), from, size_t(size), SendFlags);
        if (sent >= 0)
            return sent;
        if (errno != EINTR)
            return isPassing(errno) ? WouldBlock : Failed;
    }
}

void Transport::shutdownWrite()
{
    sayGoodbye();
    ::shutdown(int(m_descriptor), SHUT_WR);
}

void Transport::close()
{
    if (m_descriptor < 0)
        return;
    ::close(int(m_descriptor));
    m_descriptor = -1;
}

} // namespace godwit::http
