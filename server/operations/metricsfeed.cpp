// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/operations/metricsfeed.h"

#include "server/http/eventstream.h"
#include "shared/core/ids.h"
#include "shared/protocol/sse.h"

#include <QJsonDocument>

#include <algorithm>

namespace godwit::operations {

QByteArray MetricsFeed::makeEpoch()
{
    return makeRequestId();
}

void MetricsFeed::publish(const protocol::MetricsSample &sample)
{
    QByteArray event = protocol::encodeSse({ .event = "metrics",
                                             .data = QJsonDocument(sample.toJson()).toJson(QJsonDocument::Compact),
                                             .id = idOf(sample.counter),
                                             .retry = {} });
    const std::lock_guard lock(m_mutex);
    m_recent.push_back({ sample.counter, event });
    if (m_recent.size() > m_kept)
        m_recent.pop_front();
    m_hub.publish(event);
}

void MetricsFeed::subscribe(const std::shared_ptr<http::EventStream> &stream, QByteArrayView lastEventId)
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

void MetricsFeed::recover(http::EventStream &stream, QByteArrayView lastEventId) const
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
