// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/httpmetrics.h"
#include "server/metrics/registry.h"
#include "server/metrics/sampler.h"

#include <prometheus/metric_family.h>

#include <cmath>

namespace godwit::metrics {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// Upper bounds of the histograms shown are powers of two in microseconds, 64 us to 17 s. They
/// fall on bounds of our own buckets, so that the counts are exact.
constexpr int firstOctave = 6, lastOctave = 24;

ClientMetric::Histogram histogramOf(const HttpCounts &counts)
{
    ClientMetric::Histogram histogram;
    histogram.sample_count = counts.requests();
    histogram.sample_sum = double(counts.nanoseconds) / 1e9;
    quint64 below = 0;
    size_t bucket = 0;
    for (int octave = firstOctave; octave <= lastOctave; ++octave) {
        const quint64 bound = quint64(1) << octave;
        for (; bucket < latencybuckets::bucketOf(bound); ++bucket)
            below += counts.byLatency[bucket];
        histogram.bucket.push_back({ below, double(bound) / 1e6 });
    }
    histogram.bucket.push_back({ histogram.sample_count, std::numeric_limits<double>::infinity() });
    return histogram;
}

class HttpCollector final : public prometheus::Collectable
{
public:
    explicit HttpCollector(const HttpMetrics &http) : m_http(http) { }

    std::vector<MetricFamily> Collect() const override
    {
        MetricFamily requests{
            "godwit_http_requests_total", "Answers by route and class of status.", MetricType::Counter, {}
        };
        MetricFamily durations{ "godwit_http_request_duration_seconds",
                                "From the complete request to the beginning of the answer.",
                                MetricType::Histogram,
                                {} };
        const std::vector<HttpCounts> counts = m_http.snapshot();
        for (size_t route = 0; route < counts.size(); ++route) {
            if (counts[route].requests() == 0)
                continue;
            const std::vector<ClientMetric::Label> labels = labelsOf(m_http.routes()[route]);
            for (size_t statusClass = 0; statusClass < counts[route].byClass.size(); ++statusClass) {
                if (counts[route].byClass[statusClass] == 0)
                    continue;
                ClientMetric metric;
                metric.label = labels;
                metric.label.push_back({ "status", std::to_string(statusClass) + "xx" });
                metric.counter.value = double(counts[route].byClass[statusClass]);
                requests.metric.push_back(std::move(metric));
            }
            ClientMetric metric;
            metric.label = labels;
            metric.histogram = histogramOf(counts[route]);
            durations.metric.push_back(std::move(metric));
        }
        return { requests, durations };
    }

private:
    static std::vector<ClientMetric::Label> labelsOf(const HttpMetrics::Route &route)
    {
        return { { "method", route.method.toStdString() }, { "route", route.pattern.toStdString() } };
    }

    const HttpMetrics &m_http;
};

class SampleCollector final : public prometheus::Collectable
{
public:
    explicit SampleCollector(const Sampler &sampler) : m_sampler(sampler) { }

    std::vector<MetricFamily> Collect() const override
    {
        const protocol::MetricsSample sample = m_sampler.latest();
        std::vector<MetricFamily> families;
        const auto gauge = [&](const char *name, const char *help, double value) {
            if (std::isnan(value))
                return;
            ClientMetric metric;
            metric.gauge.value = value;
            families.push_back({ name, help, MetricType::Gauge, { metric } });
        };
        gauge("godwit_host_cpu_ratio", "Use of all cores, 0 to 1.", sample.cpuUsage / 100);
        gauge("godwit_host_load1", "Load average of one minute.", sample.load1);
        gauge("godwit_host_memory_total_bytes", "Memory of the machine.", double(sample.memoryTotalBytes));
        gauge("godwit_host_memory_used_bytes", "Memory that a new program could not have.",
              double(sample.memoryUsedBytes));
        gauge("godwit_host_disk_read_bytes_per_second", "Read from all disks.", sample.diskReadPerSecond);
        gauge("godwit_host_disk_write_bytes_per_second", "Written to all disks.", sample.diskWritePerSecond);
        gauge("godwit_host_network_receive_bytes_per_second", "Received, without loopback.",
              sample.networkReceivePerSecond);
        gauge("godwit_host_network_send_bytes_per_second", "Sent, without loopback.", sample.networkSendPerSecond);
        gauge("godwit_host_temperature_celsius", "The hottest sensor.", sample.temperature);
        gauge("godwit_process_cpu_ratio", "Use of one core.", sample.processCpuUsage / 100);
        gauge("godwit_process_resident_memory_bytes", "Resident memory of the daemon.",
              double(sample.processMemoryBytes));
        families.push_back(connectionsOf(sample));
        return families;
    }

private:
    static MetricFamily connectionsOf(const protocol::MetricsSample &sample)
    {
        MetricFamily family{ "godwit_connections", "Open connections by what they do.", MetricType::Gauge, {} };
        const std::pair<const char *, qint64> kinds[] = { { "http", sample.httpConnections },
                                                          { "sse", sample.sseConnections },
                                                          { "websocket", sample.webSocketConnections } };
        for (const auto &[kind, count] : kinds) {
            ClientMetric metric;
            metric.label.push_back({ "kind", kind });
            metric.gauge.value = double(count);
            family.metric.push_back(std::move(metric));
        }
        return family;
    }

    const Sampler &m_sampler;
};

} // namespace

std::unique_ptr<prometheus::Collectable> collectHttp(const HttpMetrics &http)
{
    return std::make_unique<HttpCollector>(http);
}

std::unique_ptr<prometheus::Collectable> collectSamples(const Sampler &sampler)
{
    return std::make_unique<SampleCollector>(sampler);
}

} // namespace godwit::metrics
