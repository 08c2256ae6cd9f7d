// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/eventsource.h"

#include "shared/client/problem.h"

#include <QPointer>

namespace godwit::client {

using namespace Qt::StringLiterals;
using Phase = ConnectionState::Phase;

EventSource::EventSource(QNetworkRequest request, ConnectionOptions options, QObject *parent)
    : Connection(options, parent),
      m_request(request)
{
    m_request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    m_request.setRawHeader("Accept"_ba, "text/event-stream"_ba);
    // A compressed stream may sit in a buffer on its way.
    m_request.setRawHeader("Accept-Encoding"_ba, "identity"_ba);
}

EventSource::~EventSource()
{
    EventSource::abandon();
}

void EventSource::open()
{
    m_parser.reset();
    authorize(m_request);
    if (!m_lastEventId.isEmpty())
        m_request.setRawHeader("Last-Event-ID"_ba, m_lastEventId);
    m_reply.reset(m_network.get(m_request));
    connect(m_reply.get(), &QNetworkReply::metaDataChanged, this, &EventSource::readHead);
    connect(m_reply.get(), &QNetworkReply::readyRead, this, &EventSource::readBytes);
    connect(m_reply.get(), &QNetworkReply::finished, this, &EventSource::finish);
}

void EventSource::abandon()
{
    if (!m_reply)
        return;
    m_reply->disconnect(this);
    m_reply->abort();
    m_reply.reset();
}

void EventSource::readHead()
{
    if (state().phase != Phase::Connecting || statusOf(*m_reply) != 200)
        return; // refusals are told when their body is here: it says why
    const QString type = m_reply->header(QNetworkRequest::ContentTypeHeader).toString();
    if (type.startsWith("text/event-stream"_L1, Qt::CaseInsensitive))
        connected();
    else
        lost(tr("The server at %1 does not send events").arg(url().authority()), backoff().maximum());
}

void EventSource::readBytes()
{
    if (!isOnline())
        return;
    heard();
    const QPointer<EventSource> self = this;
    const QNetworkReply *const reply = m_reply.get();
    const auto events = m_parser.feed(m_reply->readAll());
    if (m_parser.retry())
        backoff().setFirst(*m_parser.retry());
    for (const protocol::SseEvent &event : events) {
        if (!event.id.isNull())
            m_lastEventId = event.id;
        if (event.event == "end"_ba)
            return ended(tr("The server has ended the stream"));
        Q_EMIT received(event);
        if (!self || m_reply.get() != reply)
            return; // a receiver has deleted, stopped or restarted this
    }
    if (m_parser.hasFailed())
        lost(tr("The server sends an event that is too large"), backoff().maximum());
}

void EventSource::finish()
{
    if (statusOf(*m_reply) == 204)
        return ended(tr("The server has nothing to send"));
    if (!isOnline())
        return refuse();
    readBytes(); // what came together with the end
    if (!isOnline())
        return;
    // A server that restarts says its goodbye in order, and when to come back: another time to each client.
    const bool wasCut = m_reply->error() != QNetworkReply::NoError;
    lost(wasCut ? tr("The connection was lost") : tr("The server has closed the stream"),
         wasCut ? std::chrono::milliseconds{} : m_parser.retry().value_or(std::chrono::milliseconds{}));
}

void EventSource::refuse()
{
    const int status = statusOf(*m_reply);
    const QString reason = errorOf(*m_reply, m_reply->read(64 * 1024)).message();
    if (status == 401)
        return unauthenticated(reason);
    const bool isFinal = status >= 400 && status < 500 && status != 408 && status != 425 && status != 429;
    lost(reason, isFinal ? backoff().maximum() : retryAfter(*m_reply));
}

} // namespace godwit::client
