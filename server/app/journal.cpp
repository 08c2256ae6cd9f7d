// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/journal.h"

#include <QtEndian>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace godwit::app {

namespace {

/// As sd-journal does: entries that come together are not refused at once.
constexpr int sendBufferBytes = 8 * 1024 * 1024;

sockaddr_un addressOf(const QByteArray &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy_n(path.constData(), std::min(size_t(path.size()), sizeof(address.sun_path) - 1), address.sun_path);
    return address;
}

} // namespace

Journal::Journal(const QByteArray &path) : m_path(path), m_socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
{
    ::setsockopt(m_socket, SOL_SOCKET, SO_SNDBUF, &sendBufferBytes, sizeof(sendBufferBytes));
}

Journal::~Journal()
{
    if (m_socket >= 0)
        ::close(m_socket);
}

QByteArray Journal::encode(std::initializer_list<Field> fields)
{
    QByteArray entry;
    for (const auto &[name, value] : fields) {
        if (value.isEmpty())
            continue;
        entry.append(name);
        if (!value.contains('\n')) {
            entry.append('=');
        } else { // by its length: it could else fake another field
            const auto size = qToLittleEndian(quint64(value.size()));
            entry.append('\n');
            entry.append(reinterpret_cast<const char *>(&size), sizeof(size));
        }
        entry.append(value);
        entry.append('\n');
    }
    return entry;
}

bool Journal::send(std::initializer_list<Field> fields) const
{
    QByteArray entry = encode(fields);
    iovec part{ .iov_base = entry.data(), .iov_len = size_t(entry.size()) };
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    return sendMessage(message) || ((errno == EMSGSIZE || errno == ENOBUFS) && sendAsFile(entry));
}

/// What does not fit into a datagram: a file in memory that nobody can change any more.
bool Journal::sendAsFile(const QByteArray &entry) const
{
    const int file = ::memfd_create("godwit-journal", MFD_ALLOW_SEALING | MFD_CLOEXEC);
    if (file < 0)
        return false;
    const bool isWritten = ::write(file, entry.constData(), size_t(entry.size())) == entry.size()
        && ::fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr *const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &file, sizeof(file));
    const bool isSent = isWritten && sendMessage(message);
    ::close(file);
    return isSent;
}

bool Journal::sendMessage(const msghdr &message) const
{
    sockaddr_un address = addressOf(m_path); // by name each time: a journal that was started anew is found
    msghdr addressed = message;
    addressed.msg_name = &address;
    addressed.msg_namelen = sizeof(address);
    return ::sendmsg(m_socket, &addressed, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

bool Journal::isStandardError(const QByteArray &journalStream)
{
    struct stat status = {};
    if (journalStream.isEmpty() || ::fstat(STDERR_FILENO, &status) != 0)
        return false;
    return journalStream
        == QByteArray::number(quint64(status.st_dev)) + ':' + QByteArray::number(quint64(status.st_ino));
}

} // namespace godwit::app
