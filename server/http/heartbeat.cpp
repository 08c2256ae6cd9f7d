// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/heartbeat.h"

#include "server/http/eventstream.h"

namespace godwit::http {

Heartbeat &Heartbeat::ofThisThread()
{
    static thread_local Heartbeat heartbeat;
    return heartbeat;
}

void Heartbeat::add(EventStream &stream)
{
    stream.m_beatIndex = m_streams.size();
    m_streams.push_back(&stream);
    if (!m_timer.isActive())
        m_timer.start(int(std::chrono::milliseconds(interval).count()), Qt::VeryCoarseTimer, this);
}

void Heartbeat::remove(EventStream &stream)
{
    EventStream *const last = m_streams.back();
    m_streams[stream.m_beatIndex] = last;
    last->m_beatIndex = stream.m_beatIndex;
    m_streams.pop_back();
    if (m_streams.empty())
        m_timer.stop();
}

void Heartbeat::beat()
{
    for (EventStream *const stream : m_streams)
        stream->beat();
}

void Heartbeat::timerEvent(QTimerEvent *)
{
    beat();
}

} // namespace godwit::http
