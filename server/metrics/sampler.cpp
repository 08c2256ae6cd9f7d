// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/sampler.h"

namespace godwit::metrics {

Sampler::Sampler(const HttpMetrics &http, std::function<ConnectionFigures()> connections, Host host, const Clock &clock)
    : m_http(http),
      m_connections(std::move(connections)),
      m_host(std::move(host)),
      m_clock(clock),
      m_lastTime(clock.now())
{
    m_latest.timestamp = clock.timestamp();
    m_latest.temperature = HostFigures::unknown;
    addHost(m_latest, m_lastTime); // the first half of what needs two readings
    connect(&m_timer, &QTimer::timeout, this, &Sampler::sample);
}

void Sampler::start(std::chrono::milliseconds interval)
{
    m_timer.start(interval);
}

void Sampler::sample()
{
    protocol::MetricsSample sample;
    const TimePoint now = m_clock.now();
    sample.timestamp = m_clock.timestamp();
    sample.counter = m_latest.counter + 1; // only written in this thread
    addHost(sample, now);
    addHttp(sample, now);
    const ConnectionFigures connections = m_connections();
    sample.httpConnections = connections.http;
    sample.sseConnections = connections.sse;
    sample.webSocketConnections = connections.webSocket;
    m_lastTime = now;
    {
        const std::lock_guard lock(m_mutex);
        m_latest = sample;
    }
    Q_EMIT sampled(sample);
}

protocol::MetricsSample Sampler::latest() const
{
    const std::lock_guard lock(m_mutex);
    return m_latest;
}

void Sampler::addHost(protocol::MetricsSample &sample, TimePoint now)
{
    const HostFigures host = m_host.read(now);
    sample.cpuUsage = host.cpuUsage;
    sample.processCpuUsage = host.processCpuUsage;
    sample.load1 = host.load1;
    sample.load5 = host.load5;
    sample.load15 = host.load15;
    sample.memoryUsage = host.memoryUsage;
    sample.memoryTotalBytes = host.memoryTotalBytes;
    sample.memoryUsedBytes = host.memoryUsedBytes;
    sample.processMemoryBytes = host.processMemoryBytes;
    sample.diskReadPerSecond = host.diskReadPerSecond;
    sample.diskWritePerSecond = host.diskWritePerSecond;
    sample.networkReceivePerSecond = host.networkReceivePerSecond;
    sample.networkSendPerSecond = host.networkSendPerSecond;
    sample.temperature = host.temperature;
}

void Sampler::addHttp(protocol::MetricsSample &sample, TimePoint now)
{
    std::vector<HttpCounts> counts = m_http.snapshot();
    m_lastCounts.resize(counts.size()); // empty before the first sample
    const double seconds = std::chrono::duration<double>(now - m_lastTime).count();
    const auto rate = [seconds](quint64 amount) { return seconds > 0 ? double(amount) / seconds : 0; };

    HttpCounts total;
    for (size_t i = 0; i < counts.size(); ++i) {
        const HttpCounts recent = counts[i].since(m_lastCounts[i]);
        if (recent.requests() == 0)
            continue;
        total += recent;
        const HttpMetrics::Route &route = m_http.routes()[i];
        sample.routes.append({
            .route = route.pattern.isEmpty() ? QStringLiteral("(no route)")
                                             : QString::fromLatin1(route.method + ' ' + route.pattern),
            .requestsPerSecond = rate(recent.requests()),
            .errorsPerSecond = rate(recent.errors()),
            .p50Ms = recent.percentile(0.5).count(),
            .p99Ms = recent.percentile(0.99).count(),
        });
    }
    sample.requestsPerSecond = rate(total.requests());
    sample.errorsPerSecond = rate(total.errors());
    sample.p50Ms = total.percentile(0.5).count();
    sample.p95Ms = total.percentile(0.95).count();
    sample.p99Ms = total.percentile(0.99).count();
    m_lastCounts = std::move(counts);
}

} // namespace godwit::metrics
