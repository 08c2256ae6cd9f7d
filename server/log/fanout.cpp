// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/log/fanout.h"

#include <QCoreApplication>
#include <QEvent>
#include <QObject>
#include <QThread>

#include <algorithm>
#include <mutex>
#include <vector>

namespace godwit::log {

using Events = std::vector<EventPointer>;

struct Fanout::State
{
    std::mutex mutex;
    std::vector<Branch *> branches; // one for each thread that has members
};

/// The members of one thread. Lives there, from the first to the last of them.
class Fanout::Branch final : public QObject
{
public:
    explicit Branch(std::shared_ptr<State> state) : m_state(std::move(state)) { }

    // Under the lock; add() from any thread.
    void add(const EventPointer &event)
    {
        if (m_waiting.empty())
            QCoreApplication::postEvent(this, new QEvent(QEvent::User));
        m_waiting.push_back(event);
    }
    Events takeWaiting() { return std::exchange(m_waiting, {}); }

    // In the thread, without the lock.
    quint64 join(Receive receive)
    {
        m_members.push_back({ ++m_lastId, std::move(receive) });
        return m_lastId;
    }
    void leave(quint64 id);
    void deliver(const Events &events)
    {
        for (const Member &member : m_members)
            for (const EventPointer &event : events)
                member.receive(event);
    }

protected:
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::User)
            return QObject::event(event);
        Events events;
        {
            const std::scoped_lock lock(m_state->mutex);
            events = takeWaiting();
        }
        deliver(events);
        return true;
    }

private:
    struct Member
    {
        quint64 id;
        Receive receive;
    };

    const std::shared_ptr<State> m_state;
    Events m_waiting; // under the lock
    std::vector<Member> m_members;
    quint64 m_lastId = 0;
};

void Fanout::Branch::leave(quint64 id)
{
    std::erase_if(m_members, [id](const Member &member) { return member.id == id; });
    const std::shared_ptr<State> state = m_state; // this may be the last to know it, and its lock is held below
    const std::scoped_lock lock(state->mutex);
    if (m_members.empty()) {
        std::erase(state->branches, this);
        delete this;
    }
}

Fanout::Fanout() : m_state(std::make_shared<State>()) { }

Fanout::~Fanout() = default;

Fanout::Membership::~Membership()
{
    if (m_branch)
        m_branch->leave(m_id);
}

Fanout::Membership Fanout::join(Receive receive)
{
    Branch *branch = nullptr;
    Events before; // were published before: not for the new one
    {
        const std::scoped_lock lock(m_state->mutex);
        auto &branches = m_state->branches;
        const auto here = std::find_if(branches.begin(), branches.end(),
                                       [](const Branch *other) { return other->thread() == QThread::currentThread(); });
        branch = here != branches.end() ? *here : branches.emplace_back(new Branch(m_state));
        before = branch->takeWaiting();
    }
    branch->deliver(before);
    return { branch, branch->join(std::move(receive)) };
}

void Fanout::publish(const EventPointer &event)
{
    const std::scoped_lock lock(m_state->mutex);
    for (Branch *const branch : m_state->branches)
        branch->add(event);
}

} // namespace godwit::log
