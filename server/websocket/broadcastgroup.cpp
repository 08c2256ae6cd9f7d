// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/websocket/broadcastgroup.h"

#include "server/http/channelregistry.h"
#include "server/runtime/reactor.h"
#include "server/websocket/framelog.h"
#include "server/websocket/wsconnection.h"

#include <mutex>
#include <vector>

namespace godwit::websocket {

struct BroadcastGroup::State : std::enable_shared_from_this<State>
{
    struct Member
    {
        WsConnection *connection;
        QMetaObject::Connection untilClosed;
    };

    struct Branch
    {
        explicit Branch(runtime::Reactor &r) : reactor(r) { }

        runtime::Reactor &reactor;
        std::vector<Member> members; // touched on the reactor only, as the next
        FrameLog log;
        // Behind the lock:
        size_t size = 0; // of members
        QByteArray batch; // frames in a row
        bool isPosted = false;
    };

    Branch &branchOfThisReactor();
    void add(Branch &branch, WsConnection &connection);
    void remove(Branch &branch, WsConnection &connection);
    void append(const QByteArray &frames);
    void deliver(Branch &branch);

    std::mutex mutex; // one for all branches: so the order is the same in each
    std::vector<std::unique_ptr<Branch>> branches; // grows only
    bool isClosed = false;
};

BroadcastGroup::State::Branch &BroadcastGroup::State::branchOfThisReactor()
{
    runtime::Reactor *const reactor = runtime::Reactor::current();
    Q_ASSERT(reactor);
    const std::scoped_lock lock(mutex);
    for (const auto &branch : branches)
        if (&branch->reactor == reactor)
            return *branch;
    branches.push_back(std::make_unique<Branch>(*reactor));
    return *branches.back();
}

void BroadcastGroup::State::add(Branch &branch, WsConnection &connection)
{
    deliver(branch); // what was broadcast before is not for the new member
    const auto untilClosed
        = QObject::connect(&connection, &WsConnection::closed, &connection,
                           [self = shared_from_this(), &branch, &connection] { self->remove(branch, connection); });
    branch.members.push_back({ &connection, untilClosed });
    connection.follow(branch.log);
    const std::scoped_lock lock(mutex);
    ++branch.size;
}

void BroadcastGroup::State::remove(Branch &branch, WsConnection &connection)
{
    connection.unfollow(branch.log);
    const auto removed = std::erase_if(branch.members, [&connection](const Member &member) {
        return member.connection == &connection && (QObject::disconnect(member.untilClosed), true);
    });
    const std::scoped_lock lock(mutex);
    branch.size -= removed;
}

void BroadcastGroup::State::append(const QByteArray &frames)
{
    const std::scoped_lock lock(mutex);
    for (const auto &branch : branches) {
        if (branch->size == 0)
            continue;
        branch->batch.append(frames); // shares the bytes while they are the only ones
        if (!std::exchange(branch->isPosted, true))
            branch->reactor.post([self = shared_from_this(), &branch = *branch] { self->deliver(branch); });
    }
}

void BroadcastGroup::State::deliver(Branch &branch)
{
    QByteArray batch;
    {
        const std::scoped_lock lock(mutex);
        batch.swap(branch.batch);
        branch.isPosted = false;
        if (isClosed)
            return;
    }
    if (batch.isEmpty())
        return;
    branch.log.append(batch);
    for (const Member &member : branch.members)
        member.connection->announceFrames();
    if (branch.log.size() > http::ChannelRegistry::MostBehind) // then nothing is read until all have fetched it
        http::ChannelRegistry::ofThisThread().hurry();
}

BroadcastGroup::BroadcastGroup() : m_state(std::make_shared<State>()) { }

BroadcastGroup::~BroadcastGroup()
{
    const std::scoped_lock lock(m_state->mutex);
    m_state->isClosed = true;
}

void BroadcastGroup::join(WsConnection &member)
{
    m_state->add(m_state->branchOfThisReactor(), member);
}

void BroadcastGroup::leave(WsConnection &member)
{
    m_state->remove(m_state->branchOfThisReactor(), member);
}

void BroadcastGroup::broadcast(const QByteArray &frames)
{
    m_state->append(frames);
}

int BroadcastGroup::size() const
{
    const std::scoped_lock lock(m_state->mutex);
    size_t size = 0;
    for (const auto &branch : m_state->branches)
        size += branch->size;
    return int(size);
}

qint64 BroadcastGroup::queuedBytesHere() const
{
    const State::Branch *here = nullptr;
    qint64 batch = 0;
    {
        const std::scoped_lock lock(m_state->mutex);
        for (const auto &branch : m_state->branches) {
            if (&branch->reactor == runtime::Reactor::current()) {
                here = branch.get();
                batch = branch->batch.size();
            }
        }
    }
    if (!here)
        return 0;
    qint64 bytes = 0;
    for (const State::Member &member : here->members)
        bytes += batch + member.connection->queuedBytes();
    return bytes;
}

} // namespace godwit::websocket
