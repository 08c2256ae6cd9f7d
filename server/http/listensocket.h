// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QHostAddress>
#include <QString>

#include <memory>
#include <vector>

namespace godwit::http {

/// Where a server listens: an address and a port, or the path of a Unix socket.
struct ListenAddress
{
    QHostAddress host = QHostAddress::LocalHost;
    quint16 port = 0; ///< 0: a free one
    QString unixPath; ///< if this is set the others do not matter

    /// `127.0.0.1:8420`, `[::1]:0`, `localhost:80`, `*:80` (all addresses), `unix:/run/godwit/http.sock`.
    static Result<ListenAddress> parse(const QString &text);
    bool isUnix() const { return !unixPath.isEmpty(); }
    QString toString() const; ///< in the form that parse() takes
    friend bool operator==(const ListenAddress &, const ListenAddress &) = default;
};

class AcceptShare;

/// A descriptor that listens, to be given to one reactor's HttpServer.
class ListenSocket
{
public:
    struct Options
    {
        int backlog = 4096; ///< what may wait to be accepted; the system's maximum (net.core.somaxconn) has precedence
        uint unixMode = 0660; ///< permissions of a Unix socket's file
    };

    /// @p count sockets at one address: with SO_REUSEPORT the kernel spreads new connections over them. A Unix socket
    /// is one, and shared. The file of a Unix socket that nobody listens to any more is replaced; one in use is
    /// Error::Conflict. Removed when the last of the sockets goes.
    static Result<std::vector<ListenSocket>> open(const ListenAddress &address, int count, const Options &options);
    static Result<std::vector<ListenSocket>> open(const ListenAddress &address, int count)
    {
        return open(address, count, Options{});
    }

    /// @p count sockets of one that somebody else has opened and keeps, such as systemd (sd_listen_fds(3)): connections
    /// that come while nobody accepts them wait there. The first takes @p descriptor, the others a duplicate. Of a Unix
    /// socket the file stays. Error::InvalidArgument for what does not listen.
    static Result<std::vector<ListenSocket>> inherit(int descriptor, int count);

    ListenSocket(ListenSocket &&other) noexcept;
    ListenSocket &operator=(ListenSocket &&) = delete;
    ~ListenSocket();

    /// With the port that was taken.
    const ListenAddress &address() const { return m_address; }
    /// Somebody else has it, too: what waits there is accepted by whoever comes after us.
    bool isInherited() const { return m_isInherited; }
    /// The descriptor, no longer owned.
    qintptr release() { return std::exchange(m_descriptor, -1); }

private:
    class UnixFile;
    friend class Listener;
    ListenSocket(qintptr descriptor, ListenAddress address)
        : m_descriptor(descriptor),
          m_address(std::move(address)) { }

    static void share(std::vector<ListenSocket> &sockets);

    qintptr m_descriptor;
    ListenAddress m_address;
    bool m_isInherited = false;
    std::shared_ptr<UnixFile> m_file; // shared by the sockets of one path; the last removes it
    std::shared_ptr<AcceptShare> m_share; // shared by the sockets that are one; null: this is the only one
};

} // namespace godwit::http
