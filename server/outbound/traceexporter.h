// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/metrics/otlp.h"
#include "server/outbound/client.h"
#include "server/outbound/options.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>

namespace godwit::outbound {

/// Sends traces to a collector by OTLP/HTTP (JSON; OpenTelemetry Protocol 1.x): a batch after each interval, or as soon
/// as there are enough spans for one. What may pass (no connection, 429, 502, 503, 504) is tried again with pauses that
/// double, and Retry-After is heeded; what the collector refuses otherwise is given up.
///
/// Requests of a caller who has not sampled them (`traceparent` with the flag 0) are left out, as the caller's own
/// spans are missing too: what OpenTelemetry calls ParentBased(AlwaysOn). A span that ends after its batch has been
/// made is not exported; GET /api/traces has it.
///
/// Requests wait in memory, so many at most. A front: all functions from any thread. The rest is done on the client's
/// threads.
class TraceExporter
{
    Q_DISABLE_COPY_MOVE(TraceExporter)

public:
    /// @p client outlives this. @p version is of the service that tells.
    TraceExporter(Client &client, TraceExportOptions options, QByteArray version);
    ~TraceExporter(); ///< gives up what has not arrived

    /// For TraceStore::setListener(). Short: copies, and never waits.
    void add(const metrics::AnsweredRequest &request, const std::shared_ptr<async::Trace> &trace);

    /// For a shutdown: no more waiting. What is there, and what comes still, is tried once each; after a failure what
    /// waits is given up.
    void drain();
    bool isAtRest() const;

    struct Figures
    {
        qint64 exported = 0, rejected = 0, failed = 0, dropped = 0; ///< spans since the start
        qint64 batches = 0, retries = 0;
        qint64 pending = 0; ///< requests that wait or are on their way
    };
    Figures figures() const;
    const TraceExportOptions &options() const { return m_options; }

private:
    using Batch = std::vector<metrics::otlp::TracedRequest>;

    static QCoro::Task<> exportAll(TraceExporter &self);
    QCoro::Task<> pause();
    QCoro::Task<> deliver(Batch batch);
    QCoro::Task<qint64> attempt(QByteArray body);
    bool isForBatch() const;
    void wake();
    Batch takeBatch();
    void end(qint64 spans, const Batch &batch, const QString &failure, qint64 rejected);

    Client &m_client;
    const TraceExportOptions m_options;
    const metrics::otlp::Service m_service;
    const QUrl m_url;
    std::stop_source m_stop; ///< of all
    std::stop_source m_hurry; ///< of the pauses between attempts, and of the waiting for more

    mutable std::mutex m_mutex; // guards all below
    std::condition_variable m_left;
    std::stop_source m_wake{ std::nostopstate }; ///< ends the present pause
    std::deque<metrics::otlp::TracedRequest> m_waiting;
    qint64 m_waitingSpans = 0;
    bool m_isRunning = false; ///< exportAll()
    bool m_isFull = false, m_isFailing = false; ///< said once in the log
    Figures m_figures;
};

} // namespace godwit::outbound
