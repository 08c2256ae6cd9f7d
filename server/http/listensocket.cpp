// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/listensocket.h"

#include "server/http/acceptshare.h"

#include <QFile>
#include <QUrl>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

Failure systemFailure(const QString &what, const ListenAddress &address)
{
    const int error = errno;
    return failure(error == EADDRINUSE ? Error::Code::Conflict : Error::Code::Unavailable,
                   u"%1 %2: %3"_s.arg(what, address.toString(), QString::fromLocal8Bit(strerror(error))));
}

/// Closes what the error path leaves.
class Descriptor
{
public:
    explicit Descriptor(int value) : m_value(value) { }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    ~Descriptor()
    {
        if (m_value >= 0)
            ::close(m_value);
    }
    int operator*() const { return m_value; }
    int release() { return std::exchange(m_value, -1); }

private:
    int m_value;
};

int openSocket(int family)
{
#ifdef SOCK_CLOEXEC
    return ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
#else
    return ::socket(family, SOCK_STREAM, 0);
#endif
}

bool setOption(int descriptor, int level, int option, int value)
{
    return ::setsockopt(descriptor, level, option, &value, sizeof value) == 0;
}

struct SocketAddress
{
    sockaddr_storage storage{};
    socklen_t size = 0;
    sockaddr *get() { return reinterpret_cast<sockaddr *>(&storage); }
};

SocketAddress toSocketAddress(const QHostAddress &host, quint16 port)
{
    SocketAddress result;
    bool isIpv4 = false;
    const quint32 ipv4 = host.toIPv4Address(&isIpv4);
    if (isIpv4 && host.protocol() != QAbstractSocket::IPv6Protocol) {
        auto *const to = reinterpret_cast<sockaddr_in *>(&result.storage);
        to->sin_family = AF_INET;
        to->sin_port = htons(port);
        to->sin_addr.s_addr = htonl(ipv4);
        result.size = sizeof *to;
        return result;
    }
    auto *const to = reinterpret_cast<sockaddr_in6 *>(&result.storage);
    to->sin6_family = AF_INET6; // QHostAddress::Any too: both protocols
    to->sin6_port = htons(port);
    const Q_IPV6ADDR ipv6 = host.toIPv6Address();
    if (host.protocol() == QAbstractSocket::IPv6Protocol)
        memcpy(&to->sin6_addr, ipv6.c, sizeof ipv6.c);
    result.size = sizeof *to;
    return result;
}

Result<int> openTcp(const ListenAddress &address, int backlog)
{
    SocketAddress local = toSocketAddress(address.host, address.port);
    Descriptor descriptor(openSocket(local.storage.ss_family));
    if (*descriptor < 0)
        return systemFailure(u"cannot open a socket for"_s, address);
    setOption(*descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
    setOption(*descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
    setOption(*descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    if (local.storage.ss_family == AF_INET6)
        setOption(*descriptor, IPPROTO_IPV6, IPV6_V6ONLY, address.host.protocol() == QAbstractSocket::IPv6Protocol);
    if (::bind(*descriptor, local.get(), local.size) != 0 || ::listen(*descriptor, backlog) != 0)
        return systemFailure(u"cannot listen on"_s, address);
    return descriptor.release();
}

SocketAddress nameOf(int descriptor)
{
    SocketAddress local;
    local.size = sizeof local.storage;
    if (::getsockname(descriptor, local.get(), &local.size) != 0)
        local.size = 0;
    return local;
}

quint16 portOf(const SocketAddress &address)
{
    return address.storage.ss_family == AF_INET
        ? ntohs(reinterpret_cast<const sockaddr_in *>(&address.storage)->sin_port)
        : ntohs(reinterpret_cast<const sockaddr_in6 *>(&address.storage)->sin6_port);
}

QString pathOf(const SocketAddress &address)
{
    const char *const path = reinterpret_cast<const sockaddr_un *>(&address.storage)->sun_path;
    const QByteArrayView whole(path, qsizetype(address.size) - qsizetype(offsetof(sockaddr_un, sun_path)));
    if (!whole.isEmpty() && whole.front() == '\0') // of no file system (unix(7)), written as systemd does
        return u'@' + QFile::decodeName(whole.sliced(1).toByteArray());
    return QFile::decodeName(whole.first(qstrnlen(path, size_t(whole.size()))).toByteArray());
}

int optionOf(int descriptor, int level, int option)
{
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(descriptor, level, option, &value, &size) == 0 ? value : 0;
}

ListenAddress addressOf(int descriptor)
{
    SocketAddress local = nameOf(descriptor);
    ListenAddress address;
    if (local.storage.ss_family == AF_UNIX) {
        address.unixPath = pathOf(local);
        return address;
    }
    address.port = portOf(local);
    address.host = QHostAddress(local.get());
    if (address.host == QHostAddress(QHostAddress::AnyIPv6) && !optionOf(descriptor, IPPROTO_IPV6, IPV6_V6ONLY))
        address.host = QHostAddress::Any;
    return address;
}

/// Not for what a child might be given by mistake.
int duplicate(int descriptor)
{
    return ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

/// SO_REUSEPORT would let a second server of the same user share our port without a word.
bool isPortTaken(const ListenAddress &address)
{
    SocketAddress local = toSocketAddress(address.host, address.port);
    const Descriptor descriptor(openSocket(local.storage.ss_family));
    if (*descriptor < 0)
        return false;
    setOption(*descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
    if (local.storage.ss_family == AF_INET6)
        setOption(*descriptor, IPPROTO_IPV6, IPV6_V6ONLY, address.host.protocol() == QAbstractSocket::IPv6Protocol);
    return ::bind(*descriptor, local.get(), local.size) != 0 && errno == EADDRINUSE;
}

/// True where the path is free now: nothing stood there, or a socket to which nobody listens any more.
bool makeWay(const QByteArray &path, SocketAddress &address)
{
    struct stat found{};
    if (::lstat(path.constData(), &found) != 0)
        return true;
    if (!S_ISSOCK(found.st_mode))
        return false;
    const Descriptor probe(openSocket(AF_UNIX));
    if (*probe < 0 || ::connect(*probe, address.get(), address.size) == 0 || errno != ECONNREFUSED)
        return false;
    return ::unlink(path.constData()) == 0;
}

Result<int> openUnix(const ListenAddress &address, const ListenSocket::Options &options)
{
    const QByteArray path = QFile::encodeName(address.unixPath);
    SocketAddress local;
    auto *const to = reinterpret_cast<sockaddr_un *>(&local.storage);
    if (path.size() >= qsizetype(sizeof to->sun_path))
        return failure(Error::Code::InvalidArgument,
                       u"%1: the path is too long for a socket"_s.arg(address.toString()));
    to->sun_family = AF_UNIX;
    memcpy(to->sun_path, path.constData(), size_t(path.size()));
    local.size = sizeof *to;
    if (!makeWay(path, local))
        return failure(Error::Code::Conflict, u"%1 is in use, or no socket"_s.arg(address.toString()));
    Descriptor descriptor(openSocket(AF_UNIX));
    if (*descriptor < 0)
        return systemFailure(u"cannot listen on"_s, address);
    // Before bind(): on Linux the file is then never more open than it is to be.
    ::fchmod(*descriptor, options.unixMode);
    if (::bind(*descriptor, local.get(), local.size) != 0 || ::chmod(path.constData(), options.unixMode) != 0
        || ::listen(*descriptor, options.backlog) != 0)
        return systemFailure(u"cannot listen on"_s, address);
    return descriptor.release();
}

Result<quint16> parsePort(QStringView text, const QString &whole)
{
    bool isNumber = false;
    const uint port = text.toUInt(&isNumber);
    if (!isNumber || port > 65535)
        return failure(Error::Code::InvalidArgument,
                       u"\"%1\": expected a port from 0 to 65535 after the colon"_s.arg(whole));
    return quint16(port);
}

} // namespace

Result<ListenAddress> ListenAddress::parse(const QString &text)
{
    if (text.startsWith("unix:"_L1)) {
        if (text.size() == 5)
            return failure(Error::Code::InvalidArgument, u"\"unix:\" without a path"_s);
        return ListenAddress{ .host = {}, .unixPath = text.sliced(5) };
    }
    const qsizetype colon = text.lastIndexOf(u':');
    if (colon <= 0)
        return failure(Error::Code::InvalidArgument, u"\"%1\": expected HOST:PORT or unix:PATH"_s.arg(text));
    const auto port = parsePort(QStringView(text).sliced(colon + 1), text);
    if (!port)
        return Failure(port.error());
    QString host = text.first(colon);
    if (host == "*"_L1)
        return ListenAddress{ .host = QHostAddress::Any, .port = *port, .unixPath = {} };
    if (host == "localhost"_L1)
        return ListenAddress{ .host = QHostAddress::LocalHost, .port = *port, .unixPath = {} };
    if (host.startsWith(u'[') && host.endsWith(u']'))
        host = host.sliced(1, host.size() - 2);
    else if (host.contains(u':'))
        host.clear(); // an IPv6 address needs its brackets
    const QHostAddress address(host);
    if (address.isNull())
        return failure(Error::Code::InvalidArgument,
                       u"\"%1\": expected an IP address, [IPv6 address], localhost or * before the port"_s.arg(text));
    return ListenAddress{ .host = address, .port = *port, .unixPath = {} };
}

QString ListenAddress::toString() const
{
    if (isUnix())
        return u"unix:"_s + unixPath;
    if (host == QHostAddress(QHostAddress::Any))
        return u"*:"_s + QString::number(port);
    const bool isIpv6 = host.protocol() == QAbstractSocket::IPv6Protocol;
    return (isIpv6 ? u"[%1]:%2"_s : u"%1:%2"_s).arg(host.toString()).arg(port);
}

class ListenSocket::UnixFile
{
public:
    explicit UnixFile(const QString &path) : m_path(QFile::encodeName(path)) { }
    UnixFile(const UnixFile &) = delete;
    UnixFile &operator=(const UnixFile &) = delete;
    ~UnixFile() { ::unlink(m_path.constData()); }

private:
    const QByteArray m_path;
};

ListenSocket::ListenSocket(ListenSocket &&other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1)),
      m_address(std::move(other.m_address)),
      m_isInherited(other.m_isInherited),
      m_file(std::move(other.m_file)),
      m_share(std::move(other.m_share))
{
}

ListenSocket::~ListenSocket()
{
    if (m_descriptor >= 0)
        ::close(int(m_descriptor));
}

Result<std::vector<ListenSocket>> ListenSocket::open(const ListenAddress &address, int count, const Options &options)
{
    std::vector<ListenSocket> sockets;
    if (!address.isUnix() && address.port != 0 && isPortTaken(address)) {
        errno = EADDRINUSE;
        return systemFailure(u"cannot listen on"_s, address);
    }
    ListenAddress actual = address;
    for (int i = 0; i < count; ++i) {
        Result<int> opened = !address.isUnix() ? openTcp(actual, options.backlog)
            : i == 0                           ? openUnix(address, options)
                                               : Result<int>(duplicate(int(sockets.front().m_descriptor)));
        if (!opened)
            return Failure(opened.error());
        if (!address.isUnix())
            actual.port = portOf(nameOf(*opened));
        sockets.push_back(ListenSocket(*opened, actual));
        if (address.isUnix())
            sockets.back().m_file = i == 0 ? std::make_shared<UnixFile>(address.unixPath) : sockets.front().m_file;
    }
    if (address.isUnix())
        share(sockets);
    return sockets;
}

Result<std::vector<ListenSocket>> ListenSocket::inherit(int descriptor, int count)
{
    Descriptor first(descriptor);
    if (optionOf(descriptor, SOL_SOCKET, SO_TYPE) != SOCK_STREAM || !optionOf(descriptor, SOL_SOCKET, SO_ACCEPTCONN))
        return failure(
            Error::Code::InvalidArgument,
            u"descriptor %1, which was inherited, is no socket that listens for connections"_s.arg(first.release()));
    const ListenAddress address = addressOf(descriptor);
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    std::vector<ListenSocket> sockets;
    for (int i = 0; i < count; ++i) {
        const int one = i == 0 ? first.release() : duplicate(descriptor);
        if (one < 0)
            return systemFailure(u"no descriptor is left for"_s, address);
        sockets.push_back(ListenSocket(one, address));
        sockets.back().m_isInherited = true;
    }
    share(sockets);
    return sockets;
}

void ListenSocket::share(std::vector<ListenSocket> &sockets)
{
    if (sockets.size() < 2)
        return;
    const auto share = std::make_shared<AcceptShare>();
    for (ListenSocket &socket : sockets)
        socket.m_share = share;
}

} // namespace godwit::http
