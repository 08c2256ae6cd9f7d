// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/acceptshare.h"

#include "server/http/listener.h"
#include "server/runtime/reactor.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace godwit::http {

namespace {

/// A connection on its way between two reactors; closed if nobody takes it.
class Passenger
{
public:
    explicit Passenger(qintptr descriptor) : m_descriptor(descriptor) { }
    Q_DISABLE_COPY_MOVE(Passenger)
    ~Passenger()
    {
        if (m_descriptor >= 0)
            ::close(int(m_descriptor));
    }
    qintptr take() { return std::exchange(m_descriptor, -1); }

private:
    qintptr m_descriptor;
};

} // namespace

void AcceptShare::join(Listener &listener)
{
    runtime::Reactor *const reactor = runtime::Reactor::current();
    if (!reactor)
        return;
    const std::lock_guard lock(m_mutex);
    m_members.push_back({ &listener, reactor });
}

void AcceptShare::leave(Listener &listener)
{
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_members, [&](const Member &member) { return member.listener == &listener; });
}

bool AcceptShare::isMember(const Listener &listener)
{
    const std::lock_guard lock(m_mutex);
    return std::ranges::any_of(m_members, [&](const Member &member) { return member.listener == &listener; });
}

void AcceptShare::place(qintptr descriptor, Listener &by)
{
    Member to{ .listener = &by };
    {
        const std::lock_guard lock(m_mutex);
        if (!m_members.empty())
            to = m_members[m_next++ % m_members.size()];
    }
    if (to.listener == &by)
        return by.adopt(descriptor);
    // Shared by the copies that std::function may make. The listener leaves on the very reactor that this runs on.
    to.reactor->post(
        [share = shared_from_this(), listener = to.listener, passenger = std::make_shared<Passenger>(descriptor)] {
            if (share->isMember(*listener))
                listener->adopt(passenger->take());
        });
}

} // namespace godwit::http
