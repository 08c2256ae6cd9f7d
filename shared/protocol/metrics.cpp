// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/metrics.h"

#include "shared/protocol/jsonfields.h"

#include <utility>

using namespace Qt::StringLiterals;

namespace godwit::protocol {

namespace {

// The one list of the names on the wire, for both directions.
constexpr std::pair<QLatin1StringView, double MetricsSample::*> numbers[] = {
    { "cpu_usage"_L1, &MetricsSample::cpuUsage },
    { "memory_usage"_L1, &MetricsSample::memoryUsage },
    { "requests_per_second"_L1, &MetricsSample::requestsPerSecond },
    { "p50_ms"_L1, &MetricsSample::p50Ms },
    { "p95_ms"_L1, &MetricsSample::p95Ms },
    { "p99_ms"_L1, &MetricsSample::p99Ms },
    { "errors_per_second"_L1, &MetricsSample::errorsPerSecond },
    { "load1"_L1, &MetricsSample::load1 },
    { "load5"_L1, &MetricsSample::load5 },
    { "load15"_L1, &MetricsSample::load15 },
    { "process_cpu_usage"_L1, &MetricsSample::processCpuUsage },
    { "disk_read_per_second"_L1, &MetricsSample::diskReadPerSecond },
    { "disk_write_per_second"_L1, &MetricsSample::diskWritePerSecond },
    { "network_receive_per_second"_L1, &MetricsSample::networkReceivePerSecond },
    { "network_send_per_second"_L1, &MetricsSample::networkSendPerSecond },
    { "temperature"_L1, &MetricsSample::temperature },
};
constexpr std::pair<QLatin1StringView, qint64 MetricsSample::*> counts[] = {
    { "http_connections"_L1, &MetricsSample::httpConnections },
    { "sse_connections"_L1, &MetricsSample::sseConnections },
    { "websocket_connections"_L1, &MetricsSample::webSocketConnections },
    { "memory_total_bytes"_L1, &MetricsSample::memoryTotalBytes },
    { "memory_used_bytes"_L1, &MetricsSample::memoryUsedBytes },
    { "process_memory_bytes"_L1, &MetricsSample::processMemoryBytes },
};

} // namespace

QJsonObject RouteMetrics::toJson() const
{
    return {
        { u"route"_s, route },
        { u"requests_per_second"_s, numberOrNull(requestsPerSecond) },
        { u"errors_per_second"_s, numberOrNull(errorsPerSecond) },
        { u"p50_ms"_s, numberOrNull(p50Ms) },
        { u"p99_ms"_s, numberOrNull(p99Ms) },
    };
}

Result<RouteMetrics> RouteMetrics::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    RouteMetrics metrics{
        .route = reader.string("route"_L1),
        .requestsPerSecond = numberOrNaN(reader, json, "requests_per_second"_L1),
        .errorsPerSecond = numberOrNaN(reader, json, "errors_per_second"_L1),
        .p50Ms = numberOrNaN(reader, json, "p50_ms"_L1),
        .p99Ms = numberOrNaN(reader, json, "p99_ms"_L1),
    };
    return reader.finish(std::move(metrics));
}

QJsonObject MetricsSample::toJson() const
{
    QJsonObject json{ { u"timestamp"_s, toRfc3339(timestamp) }, { u"counter"_s, counter } };
    for (const auto &[name, member] : numbers)
        json[name] = numberOrNull(this->*member);
    for (const auto &[name, member] : counts)
        json[name] = this->*member;
    QJsonArray list;
    for (const RouteMetrics &route : routes)
        list.append(route.toJson());
    json[u"routes"_s] = list;
    return json;
}

Result<MetricsSample> MetricsSample::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    MetricsSample sample;
    sample.timestamp = readTime(reader, "timestamp"_L1);
    sample.counter = reader.integer("counter"_L1);
    // The contract's own must be there; of the others an older or newer server may know less.
    for (const auto name : { "cpu_usage"_L1, "memory_usage"_L1, "requests_per_second"_L1 }) {
        if (!reader.has(name))
            reader.fail(name, u"is missing: expected a number or null"_s);
    }
    for (const auto &[name, member] : numbers)
        sample.*member = numberOrNaN(reader, json, name);
    for (const auto &[name, member] : counts)
        sample.*member = reader.integer(name, 0);
    sample.routes = readList<RouteMetrics>(reader, "routes"_L1);
    return reader.finish(std::move(sample));
}

} // namespace godwit::protocol
