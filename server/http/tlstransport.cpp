// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/tlstransport.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <csignal>

namespace godwit::http {

TlsTransport::TlsTransport(qintptr descriptor, const TlsContext &context)
    : Transport(descriptor),
      m_ssl(context.open(descriptor))
{
    // libssl writes without MSG_NOSIGNAL.
    [[maybe_unused]] static const auto once = ::signal(SIGPIPE, SIG_IGN);
    // accept() hands over a blocking descriptor, on which SSL_read() would hang.
    ::fcntl(int(descriptor), F_SETFL, ::fcntl(int(descriptor), F_GETFL) | O_NONBLOCK);
}

TlsTransport::~TlsTransport()
{
    SSL_free(m_ssl);
}

qint64 TlsTransport::read(char *to, qint64 size)
{
    ERR_clear_error(); // the queue is the thread's; another connection's error would be taken for ours
    const int got = SSL_read(m_ssl, to, int(std::min<qint64>(size, 1 << 30))); // drives the handshake too
    if (!m_isReady)
        m_isReady = SSL_is_init_finished(m_ssl);
    return got > 0 ? got : outcome(got);
}

qint64 TlsTransport::write(const char *from, qint64 size)
{
    ERR_clear_error();
    const int sent = SSL_write(m_ssl, from, int(std::min<qint64>(size, 1 << 30)));
    return sent > 0 ? sent : outcome(sent);
}

qint64 TlsTransport::outcome(int returned)
{
    const int error = SSL_get_error(m_ssl, returned);
    m_wantsWrite = error == SSL_ERROR_WANT_WRITE && !m_isReady;
    switch (error) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return WouldBlock;
    case SSL_ERROR_ZERO_RETURN: // close_notify: the peer may still read
        return EndOfStream;
    default:
        m_hasFailed = true;
        return Failed;
    }
}

bool TlsTransport::hasBuffered() const
{
    return isOpen() && SSL_has_pending(m_ssl);
}

void TlsTransport::sayGoodbye()
{
    if (!m_isReady || m_hasFailed || !isOpen())
        return;
    ERR_clear_error();
    SSL_shutdown(m_ssl);
}

} // namespace godwit::http
