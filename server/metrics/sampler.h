// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/metrics/hostfigures.h"
#include "server/metrics/httpmetrics.h"
#include "shared/protocol/metrics.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <mutex>

namespace godwit::metrics {

/// Open connections by what they do now.
struct ConnectionFigures
{
    qint64 http = 0, sse = 0, webSocket = 0;
};

/// Makes one protocol::MetricsSample each second from the counters and the host, and tells who listens.
/// Lives in one thread with an event loop; latest() from any.
class Sampler : public QObject
{
    Q_OBJECT
public:
    /// @param connections is asked at each sample, in this thread.
    Sampler(const HttpMetrics &http, std::function<ConnectionFigures()> connections, Host host = Host(),
            const Clock &clock = Clock::system());

    void start(std::chrono::milliseconds interval = std::chrono::seconds(1));

    /// Reads everything, keeps it as the latest and emits it. By the timer, and by tests.
    void sample();
    /// The last one; before the first: figures that need two readings are NaN.
    protocol::MetricsSample latest() const;

Q_SIGNALS:
    void sampled(const godwit::protocol::MetricsSample &sample);

private:
    void addHost(protocol::MetricsSample &sample, TimePoint now);
    void addHttp(protocol::MetricsSample &sample, TimePoint now);

    const HttpMetrics &m_http;
    const std::function<ConnectionFigures()> m_connections;
    Host m_host;
    const Clock &m_clock;
    QTimer m_timer;
    TimePoint m_lastTime;
    std::vector<HttpCounts> m_lastCounts;
    mutable std::mutex m_mutex;
    protocol::MetricsSample m_latest; // guarded by m_mutex
};

} // namespace godwit::metrics
