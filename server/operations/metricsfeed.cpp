// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/operations/metricsfeed.h"

#include "server/http/eventstream.h"
#include "shared/core/ids.h"
#include "shared/protocol/sse.h"

#include <QJsonDocument>

#include <algorithm>

namespace godwit::operations {

QByteArray RecentEvents::makeEpoch()
{
    return makeRequestId();
}

void RecentEvents::publish(qint64 counter, const QByteArray &data)
{
    const QByteArray event = protocol::encodeSse({ .event = m_name, .data = data, .id = idOf(counter), .retry = {} });
    const std::lock_guard lock(m_mutex);
    m_recent.push_back({ counter, event });
    if (m_recent.size() > m_kept)
        m_recent.pop_front();
    m_hub.publish(event);
}

void MetricsFeed::publish(const protocol::MetricsSample &sample)
{
    RecentEvents::publish(sample.counter, QJsonDocument(sample.toJson()).toJson(QJsonDocument::Compact));
}

void RecentEvents::subscribe(const std::shared_ptr<http::EventStream> &stream, QByteArrayView lastEventId)
{
    const std::lock_guard lock(m_mutex);
    if (!m_recent.empty()) {
        if (lastEventId.isEmpty())
            stream->push(m_recent.back().text);
        else
            recover(*stream, lastEventId);
    }
    m_hub.subscribe(stream);
}

void RecentEvents::recover(http::EventStream &stream, QByteArrayView lastEventId) const
{
    const qsizetype colon = lastEventId.lastIndexOf(':');
    bool isNumber = false;
    const qint64 last = lastEventId.sliced(colon + 1).toByteArray().toLongLong(&isNumber);
    const bool isOurs
        = isNumber && colon >= 0 && lastEventId.first(colon) == m_epoch && last <= m_recent.back().counter;
    if (!isOurs || last + 1 < m_recent.front().counter) {
        stream.push(
            protocol::encodeSse({ .event = "gap",
                                  .data = R"({"recovered":false,"oldest":")" + idOf(m_recent.front().counter) + R"("})",
                                  .id = {},
                                  .retry = {} }));
    }
    for (const Event &event : m_recent) {
        if (!isOurs || event.counter > last)
            stream.push(event.text);
    }
}

} // namespace godwit::operations
