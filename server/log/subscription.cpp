// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/log/subscription.h"

#include "shared/protocol/sse.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace godwit::log {

Q_LOGGING_CATEGORY(streamLog, "godwit.events")

Subscription::Subscription(EventLog &events, Topics topics, const QList<Position> &from)
    : m_events(events),
      m_topics(std::move(topics)),
      m_positions(m_topics.size()),
      m_memberships(m_topics.size())
{
    for (size_t index = 0; index < m_topics.size(); ++index)
        m_positions[index] = from.isEmpty() ? m_topics[index]->state().last : from[qsizetype(index)];
}

void Subscription::start(const std::shared_ptr<http::EventStream> &stream)
{
    m_stream = stream.get();
    stream->onClosed([self = shared_from_this()] { self->end(); });
    // Without an event: a client that is cut before the first one comes back with this.
    stream->push(protocol::encodeSse({ .id = id() }));
    read();
}

EventLog::Reader Subscription::readerOf(size_t index)
{
    EventLog::Reader reader;
    reader.begin = [this, index](const EventLog::Start &start) { begin(index, start); };
    reader.take = [this, index](const QList<EventPointer> &events) {
        for (const EventPointer &event : events)
            tell(index, *event);
        return m_stream && !m_stream->isFinished();
    };
    reader.room = [this] { return m_stream ? m_stream->room() : async::oneShot<void>().second; };
    reader.join = [this, index] {
        if (m_stream)
            m_memberships[index]
                = m_topics[index]->fanout().join([this, index](const EventPointer &event) { tell(index, *event); });
    };
    return reader;
}

/// One topic after the other: all go to one queue, which has room for one of them at a time.
QCoro::Task<> Subscription::read()
{
    const auto self = shared_from_this(); // until the last wait has ended
    try {
        for (size_t index = 0; index < m_topics.size() && m_stream && !m_stream->isFinished(); ++index) {
            auto following
                = m_events.follow({ .stop = m_stop.get_token() }, m_topics[index], m_positions[index], readerOf(index));
            co_await std::move(following);
        }
    } catch (const Error &error) {
        if (!m_stream)
            co_return;
        // It comes back, and asks again, by itself.
        qCWarning(streamLog, "events cannot be read: %s", qUtf8Printable(error.message()));
        m_stream->cut();
    }
}

/// What the client asked for, or the first that there is: said, as it has missed what was before.
void Subscription::begin(size_t index, const EventLog::Start &start)
{
    if (start.isRecovered || !m_stream)
        return;
    m_positions[index] = { .epoch = start.state.last.epoch, .offset = start.state.oldest - 1 };
    const Position oldest{ .epoch = start.state.last.epoch, .offset = start.state.oldest };
    const QJsonObject gap{ { "topic"_L1, m_topics[index]->name() },
                           { "recovered"_L1, false },
                           { "oldest"_L1, QString::fromLatin1(oldest.toText()) } };
    m_stream->push(
        protocol::encodeSse({ .event = "gap", .data = QJsonDocument(gap).toJson(QJsonDocument::Compact), .id = id() }));
}

void Subscription::tell(size_t index, const Event &event)
{
    m_positions[index] = event.position;
    if (m_stream)
        m_stream->push(
            protocol::encodeSse({ .event = m_topics[index]->name().toUtf8(), .data = event.data, .id = id() }));
}

QByteArray Subscription::id() const
{
    QByteArray id;
    for (const Position &position : m_positions) {
        if (!id.isEmpty())
            id += ',';
        id += position.toText();
    }
    return id;
}

void Subscription::end()
{
    m_stream = nullptr;
    m_memberships.clear();
    m_memberships.resize(m_topics.size());
    m_stop.request_stop();
}

} // namespace godwit::log
