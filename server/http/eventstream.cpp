// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/eventstream.h"

#include "server/http/heartbeat.h"
#include "server/http/response.h"
#include "shared/protocol/comeback.h"
#include "shared/protocol/sse.h"

#include <atomic>

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

std::atomic<qint64> openStreams{ 0 };

QByteArray gapEvent(qint64 dropped)
{
    return protocol::encodeSse({ .event = "gap"_ba, .data = "{\"dropped\":" + QByteArray::number(dropped) + '}' });
}

} // namespace

EventStream::EventStream() : EventStream(Options{}) { }

EventStream::EventStream(Options options) : m_options(options)
{
    openStreams.fetch_add(1, std::memory_order_relaxed);
    Heartbeat::ofThisThread().add(*this);
    enqueue(protocol::encodeSse({ .retry = m_options.retry }));
}

EventStream::~EventStream()
{
    Heartbeat::ofThisThread().remove(*this);
    openStreams.fetch_sub(1, std::memory_order_relaxed);
    for (const auto &callback : m_onClosed)
        callback();
}

void EventStream::push(const QByteArray &event)
{
    if (m_isFinished)
        return;
    enqueue(event);
    if (m_queuedBytes > m_options.queueBytes)
        makeRoom();
    wake();
}

async::OneShot<void> EventStream::room()
{
    auto [finisher, room] = async::oneShot<void>();
    if (hasRoom())
        finisher.set();
    else
        m_waitsForRoom = std::move(finisher);
    return std::move(room);
}

void EventStream::enqueue(const QByteArray &bytes)
{
    m_queue.push_back(bytes);
    m_queuedBytes += bytes.size();
}

void EventStream::makeRoom()
{
    size_t keep = m_next;
    switch (m_options.policy) {
    case SlowConsumer::DropOldestAndTell:
        while (m_queuedBytes > m_options.queueBytes && keep + 1 < m_queue.size())
            m_queuedBytes -= m_queue[keep++].size();
        m_untoldDrops += qint64(keep - m_next);
        break;
    case SlowConsumer::KeepNewest:
        keep = m_queue.size() - 1;
        m_queuedBytes = m_queue.back().size();
        break;
    case SlowConsumer::Close:
        // What waits is still sent, or who comes back for it would always find as much again. And an event of any size
        // fits behind what fits.
        if (m_queuedBytes - m_queue.back().size() <= m_options.queueBytes)
            return;
        m_queuedBytes -= m_queue.back().size();
        m_queue.pop_back();
        ++m_droppedEvents;
        m_isFinished = true;
        return;
    }
    m_droppedEvents += qint64(keep - m_next);
    m_queue.erase(m_queue.begin(), m_queue.begin() + qptrdiff(keep));
    m_next = 0;
}

void EventStream::finish(const QByteArray &data)
{
    if (m_isFinished)
        return;
    enqueue(protocol::encodeSse({ .event = "end"_ba, .data = data }));
    m_isFinished = true;
    wake();
}

void EventStream::drain()
{
    if (m_isFinished)
        return;
    enqueue(protocol::encodeSse({ .retry = protocol::comeBackTime() }));
    m_isFinished = true;
    wake();
}

void EventStream::cut()
{
    m_isFinished = true;
    wake();
}

void EventStream::beat()
{
    // A client that still has to read something is neither idle nor helped by more.
    if (m_isFinished || !isEmpty())
        return;
    static const QByteArray comment = protocol::encodeSseComment("");
    enqueue(comment);
    wake();
}

Body::State EventStream::read(QByteArray &out, qsizetype budget)
{
    const qsizetype most = out.size() + budget;
    if (m_untoldDrops > 0)
        out += gapEvent(std::exchange(m_untoldDrops, 0));
    while (!isEmpty() && out.size() < most) {
        const QByteArray event = std::exchange(m_queue[m_next++], {});
        m_queuedBytes -= event.size();
        out += event;
    }
    if (m_waitsForRoom && hasRoom()) {
        auto waits = std::move(*m_waitsForRoom);
        m_waitsForRoom.reset();
        waits.set();
    }
    if (!isEmpty())
        return State::More;
    m_queue.clear();
    m_next = 0;
    return m_isFinished ? State::End : State::Wait;
}

qint64 EventStream::openCount()
{
    return openStreams.load(std::memory_order_relaxed);
}

Response Response::events(std::shared_ptr<EventStream> stream)
{
    Response response = Response::stream("text/event-stream", std::move(stream));
    response.add("Cache-Control"_ba, "no-store"_ba);
    response.add("X-Accel-Buffering"_ba, "no"_ba);
    return response;
}

} // namespace godwit::http
