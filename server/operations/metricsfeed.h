// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/eventhub.h"
#include "shared/protocol/metrics.h"

#include <QByteArray>

#include <deque>
#include <memory>
#include <mutex>

namespace godwit::http {
class EventStream;
}

namespace godwit::operations {

/// The samples of GET /api/metrics/stream, and the last of them for clients that come back. Shared by the sampler's
/// thread and the reactors, behind a short lock: once a sample, once a subscription.
class MetricsFeed
{
public:
    /// @param kept samples that a client can be given anew: two minutes.
    explicit MetricsFeed(size_t kept = 120) : m_kept(kept) { }

    /// Any thread, one at a time.
    void publish(const protocol::MetricsSample &sample);

    /// On the stream's reactor. Sends what came after @p lastEventId (`epoch:counter`), or without one the newest
    /// sample, then all that follow. Where samples are gone, or are of another run of the daemon, it says so first:
    /// `event: gap` with `{recovered: false, oldest}`.
    void subscribe(const std::shared_ptr<http::EventStream> &stream, QByteArrayView lastEventId);

    qsizetype subscriberCount() const { return m_hub.subscriberCount(); }

private:
    struct Event
    {
        qint64 counter;
        QByteArray text; ///< as it goes over the wire
    };
    QByteArray idOf(qint64 counter) const { return m_epoch + ':' + QByteArray::number(counter); }
    void recover(http::EventStream &stream, QByteArrayView lastEventId) const;

    const size_t m_kept;
    const QByteArray m_epoch = makeEpoch();
    static QByteArray makeEpoch();
    std::mutex m_mutex; // so that nothing falls between what is recovered and what is subscribed to
    std::deque<Event> m_recent;
    http::EventHub m_hub;
};

} // namespace godwit::operations
