// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/channelregistry.h"

#include "server/http/httpchannel.h"

#include <QCoreApplication>
#include <QEvent>
#include <QTimerEvent>

#include <algorithm>

namespace godwit::http {

using namespace std::chrono;

ChannelRegistry &ChannelRegistry::ofThisThread()
{
    static thread_local ChannelRegistry registry;
    return registry;
}

ChannelRegistry::Tick ChannelRegistry::tickOf(steady_clock::time_point time) const
{
    return Tick(1 + (time - m_epoch) / TickLength);
}

ChannelRegistry::Tick ChannelRegistry::after(milliseconds span) const
{
    return span > 0ms ? m_now + 1 + Tick((span + TickLength - 1ms) / TickLength) : 0;
}

void ChannelRegistry::add(HttpChannel *channel)
{
    if (m_slots.empty()) {
        m_now = tickOf(steady_clock::now());
        m_sweep.start(int(TickLength.count()), Qt::CoarseTimer, this);
    }
    channel->m_registrySlot = qsizetype(m_slots.size());
    m_slots.push_back({ 0, channel });
}

void ChannelRegistry::remove(HttpChannel *channel)
{
    m_slots.back().channel->m_registrySlot = channel->m_registrySlot;
    m_slots[size_t(channel->m_registrySlot)] = m_slots.back();
    m_slots.pop_back();
    if (m_slots.empty())
        m_sweep.stop(); // a thread without connections does not wake up
    if (channel->m_isScheduled)
        std::replace(m_scheduled.begin(), m_scheduled.end(), channel, static_cast<HttpChannel *>(nullptr));
}

void ChannelRegistry::schedule(HttpChannel *channel)
{
    if (channel->m_isScheduled)
        return;
    channel->m_isScheduled = true;
    m_scheduled.push_back(channel);
    postTurn();
}

void ChannelRegistry::postTurn()
{
    if (!std::exchange(m_isPosted, true))
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
}

bool ChannelRegistry::event(QEvent *event)
{
    if (event->type() != QEvent::User)
        return QObject::event(event);
    runTurn();
    return true;
}

void ChannelRegistry::runTurn()
{
    m_isPosted = false;
    if (m_isRunning) // a nested event loop: the outer turn goes on when it returns
        return;
    m_isRunning = true;
    // Whoever is scheduled meanwhile comes behind all that were.
    const size_t waiting = m_scheduled.size();
    for (size_t left = std::exchange(m_isHurried, false) ? waiting : std::min(waiting, SliceLength); left > 0; --left) {
        HttpChannel *const channel = m_scheduled.front();
        m_scheduled.pop_front();
        if (channel) { // else it has died meanwhile
            channel->m_isScheduled = false;
            channel->turn();
        }
    }
    m_isRunning = false;
    if (!m_scheduled.empty())
        postTurn();
}

void ChannelRegistry::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_sweep.timerId())
        return;
    m_now = tickOf(steady_clock::now());
    // From the end: what a channel's end moves into its place has been seen. Channels are deleted later, not here.
    for (size_t i = m_slots.size(); i-- > 0;) {
        if (i < m_slots.size() && m_slots[i].due != 0 && m_slots[i].due <= m_now)
            m_slots[i].channel->expire();
    }
}

std::vector<HttpChannel *> ChannelRegistry::channels() const
{
    std::vector<HttpChannel *> result;
    result.reserve(m_slots.size());
    for (const Slot &slot : m_slots)
        result.push_back(slot.channel);
    return result;
}

ChannelRegistry::Figures ChannelRegistry::figures() const
{
    Figures figures;
    for (const Slot &slot : m_slots) {
        switch (slot.channel->phase()) {
        case HttpChannel::Phase::Handshake:
        case HttpChannel::Phase::Reading:
            ++figures.idle;
            break;
        case HttpChannel::Phase::Answering:
            ++figures.busy;
            figures.streaming += slot.channel->isStreamingEndlessly();
            break;
        case HttpChannel::Phase::Upgrading:
        case HttpChannel::Phase::PassThrough:
            ++figures.upgraded;
            break;
        case HttpChannel::Phase::Lingering: // with its last answer still on the way, perhaps to a slow reader
            ++(slot.channel->bytesToWrite() > 0 ? figures.busy : figures.closing);
            break;
        case HttpChannel::Phase::Gone:
            ++(slot.channel->isUnanswered() ? figures.busy : figures.closing);
            break;
        }
    }
    return figures;
}

std::vector<OpenConnection> ChannelRegistry::connections(qsizetype most) const
{
    std::vector<HttpChannel *> channels = this->channels();
    const auto worth = [](const HttpChannel *channel) {
        return std::pair(channel->bytesToWrite(), channel->phase() != HttpChannel::Phase::Reading);
    };
    const auto count = std::min(qsizetype(channels.size()), std::max<qsizetype>(0, most));
    std::ranges::partial_sort(channels, channels.begin() + count, std::greater<>(), worth);
    std::vector<OpenConnection> connections;
    connections.reserve(size_t(count));
    for (qsizetype i = 0; i < count; ++i)
        connections.push_back(channels[size_t(i)]->asSeen());
    return connections;
}

qint64 ChannelRegistry::queuedBytes() const
{
    qint64 bytes = 0;
    for (const Slot &slot : m_slots)
        bytes += slot.channel->bytesToWrite();
    return bytes;
}

bool ChannelRegistry::abortConnection(quint64 id)
{
    const auto slot = std::ranges::find(m_slots, id, [](const Slot &one) { return one.channel->id(); });
    if (slot == m_slots.end())
        return false;
    slot->channel->abortConnection();
    return true;
}

void ChannelRegistry::endStreams(const std::function<bool(const Exchange &exchange)> &isOver)
{
    for (HttpChannel *const channel : channels()) {
        if (channel->isStreamingEndlessly() && isOver(channel->exchange()))
            channel->abortConnection();
    }
}

// None of these deletes a channel: that is done later, from the event loop.

void ChannelRegistry::beginDrain()
{
    m_isDraining = true;
    for (HttpChannel *const channel : channels())
        channel->beginDrain();
}

void ChannelRegistry::stopRequests()
{
    for (HttpChannel *const channel : channels())
        channel->stopRequest();
}

void ChannelRegistry::abortConnections()
{
    for (HttpChannel *const channel : channels())
        channel->abortConnection();
}

} // namespace godwit::http
