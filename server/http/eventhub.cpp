// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/eventhub.h"

#include "server/http/channelregistry.h"

#include <QCoreApplication>
#include <QEvent>
#include <QObject>
#include <QThread>

#include <algorithm>
#include <list>
#include <mutex>
#include <optional>

namespace godwit::http {

namespace {

/// What is to be delivered: events, and perhaps the end after them.
struct Batch
{
    std::vector<QByteArray> events;
    std::optional<QByteArray> end;

    bool isEmpty() const { return events.empty() && !end; }
};

} // namespace

struct EventHub::Topic
{
    mutable std::mutex mutex;
    std::vector<Local *> threads; // one for each that has subscribers
    std::optional<QByteArray> end;
    qsizetype subscribers = 0;
};

/// The subscribers of one topic in one thread. Lives there, from the first to the last of them.
class EventHub::Local final : public QObject
{
public:
    explicit Local(std::shared_ptr<Topic> topic) : m_topic(std::move(topic)) { }

    // Under the topic's lock; add() and end() from any thread.
    void add(const QByteArray &event)
    {
        announce();
        m_waiting.events.push_back(event);
    }
    void end(const QByteArray &data)
    {
        announce();
        m_waiting.end = data;
    }
    Batch takeWaiting() { return std::exchange(m_waiting, {}); }

    // In the thread, without the lock.
    void join(EventStream &stream);
    void deliver(const Batch &batch);

protected:
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::User)
            return QObject::event(event);
        Batch batch;
        {
            const std::lock_guard lock(m_topic->mutex);
            batch = takeWaiting();
        }
        deliver(batch);
        return true;
    }

private:
    void announce()
    {
        if (m_waiting.isEmpty())
            QCoreApplication::postEvent(this, new QEvent(QEvent::User));
    }
    void leave(std::list<EventStream *>::iterator member);

    void hurryIfBehind(const Batch &batch);

    const std::shared_ptr<Topic> m_topic;
    Batch m_waiting; // under the topic's lock
    qsizetype m_unsent = 0; // bytes delivered while others waited for their turn to be sent
    std::list<EventStream *> m_streams;
};

void EventHub::Local::join(EventStream &stream)
{
    const auto member = m_streams.insert(m_streams.end(), &stream);
    stream.onClosed([this, member] { leave(member); });
}

void EventHub::Local::leave(std::list<EventStream *>::iterator member)
{
    m_streams.erase(member);
    const std::shared_ptr<Topic> topic = m_topic; // this may be the last to know it, and its lock is held below
    const std::lock_guard lock(topic->mutex);
    --topic->subscribers;
    if (m_streams.empty()) {
        std::erase(topic->threads, this);
        delete this;
    }
}

void EventHub::Local::hurryIfBehind(const Batch &batch)
{
    ChannelRegistry &registry = ChannelRegistry::ofThisThread();
    if (!registry.isBehind())
        m_unsent = 0;
    for (const QByteArray &event : batch.events)
        m_unsent += event.size();
    if (m_unsent > ChannelRegistry::MostBehind) {
        registry.hurry();
        m_unsent = 0;
    }
}

void EventHub::Local::deliver(const Batch &batch)
{
    hurryIfBehind(batch);
    for (EventStream *const stream : m_streams) {
        for (const QByteArray &event : batch.events)
            stream->push(event);
        if (batch.end)
            stream->finish(*batch.end);
    }
}

EventHub::EventHub() : m_topic(std::make_shared<Topic>()) { }

EventHub::~EventHub() = default;

void EventHub::subscribe(const std::shared_ptr<EventStream> &stream)
{
    Local *local = nullptr;
    Batch before; // was published before: not for the new one
    std::optional<QByteArray> end;
    {
        const std::lock_guard lock(m_topic->mutex);
        auto &threads = m_topic->threads;
        const auto here = std::find_if(threads.begin(), threads.end(),
                                       [](const Local *other) { return other->thread() == QThread::currentThread(); });
        local = here != threads.end() ? *here : threads.emplace_back(new Local(m_topic));
        before = local->takeWaiting();
        ++m_topic->subscribers;
        end = m_topic->end;
    }
    local->deliver(before);
    local->join(*stream);
    if (end)
        stream->finish(*end);
}

void EventHub::publish(const QByteArray &event)
{
    const std::lock_guard lock(m_topic->mutex);
    if (m_topic->end)
        return;
    for (Local *const local : m_topic->threads)
        local->add(event);
}

void EventHub::finish(const QByteArray &data)
{
    const std::lock_guard lock(m_topic->mutex);
    if (m_topic->end)
        return;
    m_topic->end = data;
    for (Local *const local : m_topic->threads)
        local->end(data);
}

qsizetype EventHub::subscriberCount() const
{
    const std::lock_guard lock(m_topic->mutex);
    return m_topic->subscribers;
}

} // namespace godwit::http
