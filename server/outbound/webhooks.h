// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/outbound/client.h"
#include "server/outbound/options.h"
#include "shared/core/clock.h"

#include <QJsonObject>
#include <QString>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>

namespace godwit::outbound {

/// Tells another server what happens here: an event is a POST of `{id, type, timestamp, data}` to the URL of the
/// configuration, with the headers X-Godwit-Event, X-Godwit-Event-Id and X-Godwit-Signature (see signature()). It has
/// arrived when it is answered with 2xx; what may pass (no connection, 408, 425, 429, 5xx) is tried again, with pauses
/// that double from a second to a minute (Retry-After is heeded up to that), so it can arrive twice: the id is the same
/// then. Several are on their way at a time, in no order.
///
/// Events wait in memory, so many at most. What has not arrived when the process ends is lost, and the log says so: the
/// events are news of what the database knows.
///
/// A front: all functions from any thread. The deliveries run on the client's threads.
class Webhooks
{
    Q_DISABLE_COPY_MOVE(Webhooks)

public:
    /// @p client outlives this.
    Webhooks(Client &client, WebhookOptions options, const Clock &clock = Clock::system());
    ~Webhooks(); ///< gives up what has not arrived

    /// Whether the configuration asks for @p event.
    bool wants(const QString &event) const;
    /// Does nothing with an event that nobody wants. One that the queue has no room for is dropped, counted and logged.
    void send(const QString &event, const QJsonObject &data);

    /// For a shutdown: no more pauses. What waits is tried once more, within the options' drainTimeout.
    void drain();
    bool isAtRest() const;

    struct Figures
    {
        qint64 delivered = 0, failed = 0, dropped = 0, retries = 0; ///< since the start
        qint64 pending = 0; ///< waiting, or on their way
    };
    Figures figures() const;
    const WebhookOptions &options() const { return m_options; }

private:
    struct Event
    {
        QByteArray id;
        QString type;
        QByteArray body;
    };

    static QCoro::Task<> deliverAll(Webhooks &self);
    QCoro::Task<> deliver(Event event);
    QCoro::Task<> attempt(async::Context context, const Event &event);
    bool takeNext(Event &event);
    void end(const Event &event, const QString &failure);

    Client &m_client;
    const WebhookOptions m_options;
    const QUrl m_url;
    const Clock &m_clock;
    std::stop_source m_stop; ///< of all
    std::stop_source m_hurry; ///< of the pauses

    mutable std::mutex m_mutex; // guards all below
    std::condition_variable m_left;
    std::deque<Event> m_waiting;
    int m_running = 0; ///< deliverAll()
    bool m_isFull = false; ///< said once in the log
    Figures m_figures;
};

} // namespace godwit::outbound
