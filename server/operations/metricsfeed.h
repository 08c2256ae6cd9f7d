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

/// Events that are numbered, sent to all who listen, and the last of them to clients that come back. Shared by the
/// thread that publishes and the reactors, behind a short lock: once an event, once a subscription.
class RecentEvents
{
public:
    /// @param name of the events. @param kept that a client can be given anew.
    RecentEvents(QByteArray name, size_t kept) : m_name(std::move(name)), m_kept(kept) { }

    /// Encodes it once for all. Any thread, one at a time; @p counter grows.
    void publish(qint64 counter, const QByteArray &data);

    /// On the stream's reactor. Sends what came after @p lastEventId (`epoch:counter`), or without one the newest,
    /// then all that follow. Where some are gone, or are of another run of the daemon, it says so first:
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

    const QByteArray m_name;
    const size_t m_kept;
    const QByteArray m_epoch = makeEpoch();
    static QByteArray makeEpoch();
    std::mutex m_mutex; // so that nothing falls between what is recovered and what is subscribed to
    std::deque<Event> m_recent;
    http::EventHub m_hub;
};

/// The samples of GET /api/metrics/stream.
class MetricsFeed : public RecentEvents
{
public:
    /// @param kept two minutes.
    explicit MetricsFeed(size_t kept = 120) : RecentEvents("metrics", kept) { }

    /// Any thread, one at a time.
    void publish(const protocol::MetricsSample &sample);
};

} // namespace godwit::operations
