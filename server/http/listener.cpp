// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/listener.h"

#include "server/http/acceptshare.h"
#include "server/http/httpchannel.h"
#include "server/http/tlstransport.h"

#include <QLoggingCategory>
#include <QTimer>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

using namespace std::chrono_literals;

namespace godwit::http {

Q_LOGGING_CATEGORY(listenerLog, "godwit.http.listener")

namespace {

/// How long a listener that found no free descriptor waits before it tries again.
constexpr auto PauseWithoutDescriptors = 200ms;

HttpChannel::Peer peerOf(qintptr descriptor)
{
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    auto *const address = reinterpret_cast<sockaddr *>(&storage);
    if (::getpeername(int(descriptor), address, &size) != 0)
        return {};
    if (storage.ss_family == AF_INET)
        return { QHostAddress(address), ntohs(reinterpret_cast<sockaddr_in *>(&storage)->sin_port) };
    if (storage.ss_family == AF_INET6) {
        QHostAddress host(address);
        bool isIpv4 = false;
        const quint32 ipv4 = host.toIPv4Address(&isIpv4); // of a socket that listens on both
        return { isIpv4 ? QHostAddress(ipv4) : host, ntohs(reinterpret_cast<sockaddr_in6 *>(&storage)->sin6_port) };
    }
    return {}; // a Unix socket
}

void setOptions(qintptr descriptor)
{
    const int on = 1;
    ::setsockopt(int(descriptor), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // fails on a Unix socket: no matter
#ifdef SO_NOSIGPIPE
    ::setsockopt(int(descriptor), SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
}

} // namespace

Listener::Listener(ListenOptions options, QObject *parent)
    : QTcpServer(parent),
      m_options(std::make_shared<const ListenOptions>(std::move(options)))
{
    setListenBacklogSize(1024);
    connect(this, &QTcpServer::acceptError, this, &Listener::resumeSoon);
}

Listener::Listener(const QHostAddress &host, quint16 port, ListenOptions options, QObject *parent)
    : Listener(std::move(options), parent)
{
    listen(host, port);
}

Listener::~Listener()
{
    if (m_socket && m_socket->m_share)
        m_socket->m_share->leave(*this);
    close();
    for (HttpChannel *const channel : findChildren<HttpChannel *>(Qt::FindDirectChildrenOnly))
        channel->orphan();
}

bool Listener::listenOn(ListenSocket socket)
{
    m_socket.emplace(std::move(socket));
    if (!setSocketDescriptor(m_socket->release()))
        return false;
    if (m_socket->m_share)
        m_socket->m_share->join(*this);
    return true;
}

void Listener::stopListening()
{
    if (isListening() && !(m_socket && m_socket->isInherited()))
        acceptWaiting();
    close();
}

void Listener::acceptWaiting()
{
    // Those that come while this runs may go on coming for ever.
    for (int most = ListenSocket::Options{}.backlog; most > 0; --most) {
#ifdef SOCK_CLOEXEC
        const int descriptor = ::accept4(int(socketDescriptor()), nullptr, nullptr, SOCK_CLOEXEC);
#else
        const int descriptor = ::accept(int(socketDescriptor()), nullptr, nullptr);
#endif
        if (descriptor >= 0)
            incomingConnection(descriptor);
        else if (errno != EINTR && errno != ECONNABORTED)
            return;
    }
}

void Listener::incomingConnection(qintptr descriptor)
{
    if (m_socket && m_socket->m_share)
        m_socket->m_share->place(descriptor, *this);
    else
        adopt(descriptor);
}

void Listener::adopt(qintptr descriptor)
{
    const HttpChannel::Peer peer = peerOf(descriptor);
    // A proxy speaks for many: its limit is the total.
    const bool isOwn = !m_options->trustedProxies.trusts(peer.address);
    auto lease = m_options->counts->tryAdd(isOwn ? peer.address : QHostAddress(), m_options->limits);
    if (!lease) {
        ::close(int(descriptor));
        return;
    }
    setOptions(descriptor);
    std::unique_ptr<Transport> transport;
    if (m_options->tls && !peer.address.isNull())
        transport = std::make_unique<TlsTransport>(descriptor, *m_options->tls->current());
    else
        transport = std::make_unique<Transport>(descriptor);
    new HttpChannel(std::move(transport), peer, m_options, std::move(*lease), this); // its own end deletes it
}

void Listener::announce(HttpChannel *channel)
{
    addPendingConnection(channel);
}

/// QTcpServer stops accepting for good when accept() fails, which it does when descriptors have run out.
void Listener::resumeSoon()
{
    qCWarning(listenerLog).noquote() << "cannot accept a connection:" << errorString();
    QTimer::singleShot(PauseWithoutDescriptors, this, [this] { resumeAccepting(); });
}

} // namespace godwit::http
