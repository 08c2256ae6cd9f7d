// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/metrics/tracestore.h"

#include <chrono>
#include <span>

/// Traces as other programs read them: the JSON of OTLP (opentelemetry-proto 1.x, trace/v1; Protobuf's JSON mapping,
/// but with ids in hexadecimal).
namespace godwit::metrics::otlp {

/// An answered request with what AnsweredRequest only looks at.
struct TracedRequest
{
    TracedRequest() = default;
    TracedRequest(const AnsweredRequest &answered, std::shared_ptr<async::Trace> itsTrace);

    /// With that of the request as a whole; those that had no room are none.
    int spans() const;

    AnsweredRequest request{}; ///< but for its requestId, path and host
    QByteArray requestId{}, path{}, host{};
    std::shared_ptr<async::Trace> trace{}; // shared with what is still being done for the request
};

/// Who tells: attributes of the resource (semantic conventions).
struct Service
{
    QByteArray name, version, instance;
};

/// An ExportTraceServiceRequest. The request as a whole is a span of kind SERVER with the attributes of the semantic
/// conventions (HTTP 1.23 and later); what was done for it, as far as it has ended, are spans within.
/// @param dayOfSteady what the day's clock is ahead of the steady one, by which spans are measured.
QByteArray toJson(const Service &service, std::span<const TracedRequest> requests,
                  std::chrono::nanoseconds dayOfSteady);

} // namespace godwit::metrics::otlp
