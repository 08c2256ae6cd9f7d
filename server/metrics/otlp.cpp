// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/otlp.h"

#include "shared/core/jsontext.h"

#include <algorithm>

namespace godwit::metrics::otlp {

namespace {

constexpr qsizetype longestText = 512; // of what a client sends

enum class Kind { Internal = 1, Server = 2, Client = 3 };

constexpr qint64 errorStatus = 2;
// SpanFlags of the protocol, beside those of W3C
constexpr quint32 knowsWhetherRemote = 0x100, hasRemoteParent = 0x200;

JsonText attribute(QByteArrayView key, JsonText value)
{
    JsonText json;
    json.add("key", key).add("value", std::move(value));
    return json;
}

JsonText attribute(QByteArrayView key, QByteArrayView text)
{
    JsonText value;
    value.add("stringValue", text);
    return attribute(key, std::move(value));
}

/// Protobuf's JSON has integers of 64 bits as texts.
JsonText attribute(QByteArrayView key, qint64 number)
{
    JsonText value;
    value.add("intValue", QByteArrayView(QByteArray::number(number)));
    return attribute(key, std::move(value));
}

/// `example.com:8080`, `[::1]:8080` or without a port.
void addServer(JsonArray &attributes, QByteArrayView host)
{
    const qsizetype colon = host.lastIndexOf(':');
    const bool hasPort = colon > 0 && colon > host.lastIndexOf(']');
    bool isNumber = false;
    const qint64 port = hasPort ? host.sliced(colon + 1).toByteArray().toInt(&isNumber) : 0;
    QByteArrayView name = hasPort ? host.first(colon) : host;
    if (name.startsWith('[') && name.endsWith(']'))
        name = name.sliced(1, name.size() - 2);
    if (name.isEmpty())
        return;
    attributes.add(attribute("server.address", name));
    if (isNumber)
        attributes.add(attribute("server.port", port));
}

void addTime(JsonText &span, QByteArrayView name, TimePoint time, std::chrono::nanoseconds dayOfSteady)
{
    const std::chrono::nanoseconds ofDay = time.time_since_epoch() + dayOfSteady;
    span.add(name, QByteArrayView(QByteArray::number(qint64(ofDay.count()))));
}

void addFailure(JsonText &span, QByteArrayView why)
{
    JsonText status;
    if (!why.isEmpty())
        status.add("message", why);
    status.add("code", errorStatus);
    span.add("status", std::move(status));
}

quint32 flagsOf(const TracedRequest &traced, bool isWhole)
{
    return traced.request.self.flags | knowsWhetherRemote
        | (isWhole && traced.request.parentId != 0 ? hasRemoteParent : 0);
}

void begin(JsonText &span, const TracedRequest &traced, quint64 id, quint64 parent)
{
    span.add("traceId", QByteArrayView(traced.request.self.traceIdText()));
    span.add("spanId", QByteArrayView(async::TraceParent::spanIdText(id)));
    if (parent != 0)
        span.add("parentSpanId", QByteArrayView(async::TraceParent::spanIdText(parent)));
    if (traced.trace && !traced.trace->state().isEmpty())
        span.add("traceState", QByteArrayView(traced.trace->state()));
    span.add("flags", qint64(flagsOf(traced, id == traced.request.self.spanId)));
}

JsonText wholeSpan(const TracedRequest &traced, std::chrono::nanoseconds dayOfSteady)
{
    const AnsweredRequest &request = traced.request;
    JsonText span;
    begin(span, traced, request.self.spanId, request.parentId);
    QByteArray name = request.method.toByteArray();
    if (!request.route.isEmpty())
        name += ' ' + request.route.toByteArray();
    span.add("name", QByteArrayView(name)).add("kind", qint64(Kind::Server));
    addTime(span, "startTimeUnixNano", request.startedAt, dayOfSteady);
    addTime(span, "endTimeUnixNano", request.startedAt + request.duration, dayOfSteady);

    JsonArray attributes;
    attributes.add(attribute("http.request.method", request.method));
    if (!request.route.isEmpty())
        attributes.add(attribute("http.route", request.route));
    attributes.add(attribute("http.response.status_code", qint64(request.status)));
    attributes.add(attribute("url.path", QByteArrayView(traced.path)));
    attributes.add(attribute("url.scheme", request.isSecure ? QByteArrayView("https") : QByteArrayView("http")));
    addServer(attributes, traced.host);
    attributes.add(attribute("godwit.request_id", QByteArrayView(traced.requestId)));
    const bool hasFailed = request.status >= 500;
    if (hasFailed)
        attributes.add(attribute("error.type", QByteArrayView(QByteArray::number(request.status))));
    span.add("attributes", std::move(attributes));
    if (hasFailed) // of a server's span only the server's own failures
        addFailure(span, {});
    return span;
}

/// What a span says of itself by our names, by those of the conventions; what they do not know has our prefix.
void addOwn(JsonArray &attributes, QByteArrayView name, const QByteArray &value)
{
    if (name == "statement")
        attributes.add(attribute("db.query.text", QByteArrayView(value)));
    else if (name == "status")
        attributes.add(attribute("http.response.status_code", value.toLongLong()));
    else if (name == "host")
        addServer(attributes, value);
    else
        attributes.add(attribute(QByteArray("godwit." + name.toByteArray()), QByteArrayView(value)));
}

JsonText innerSpan(const TracedRequest &traced, const async::Trace::Recorded &recorded,
                   std::chrono::nanoseconds dayOfSteady)
{
    JsonText span;
    begin(span, traced, traced.trace->wireIdOf(recorded.id), traced.trace->wireIdOf(recorded.parent));
    const QByteArrayView name(recorded.name);
    span.add("name", name).add("kind", qint64(name == "outbound" ? Kind::Client : Kind::Internal));
    addTime(span, "startTimeUnixNano", recorded.start, dayOfSteady);
    addTime(span, "endTimeUnixNano", recorded.end, dayOfSteady);
    JsonArray attributes;
    QByteArrayView failure;
    std::vector<QByteArrayView> seen; // keys are unique: of several the first
    for (const auto &[key, value] : recorded.attributes) {
        const QByteArrayView own(key);
        if (own == "error") {
            failure = value;
        } else if (std::ranges::find(seen, own) == seen.end()) {
            seen.push_back(own);
            addOwn(attributes, own, value);
        }
    }
    span.add("attributes", std::move(attributes));
    if (recorded.hasFailed)
        addFailure(span, failure);
    return span;
}

JsonText resourceOf(const Service &service)
{
    JsonArray attributes;
    attributes.add(attribute("service.name", QByteArrayView(service.name)));
    attributes.add(attribute("service.version", QByteArrayView(service.version)));
    attributes.add(attribute("service.instance.id", QByteArrayView(service.instance)));
    JsonText resource;
    resource.add("attributes", std::move(attributes));
    return resource;
}

} // namespace

TracedRequest::TracedRequest(const AnsweredRequest &answered, std::shared_ptr<async::Trace> itsTrace)
    : request(answered),
      requestId(answered.requestId.toByteArray()),
      path(answered.path.first(std::min(answered.path.size(), longestText)).toByteArray()),
      host(answered.host.first(std::min(answered.host.size(), longestText)).toByteArray()),
      trace(std::move(itsTrace))
{
    request.requestId = {};
    request.path = {};
    request.host = {};
}

int TracedRequest::spans() const
{
    return 1 + (trace ? trace->begun() : 0);
}

QByteArray toJson(const Service &service, std::span<const TracedRequest> requests, std::chrono::nanoseconds dayOfSteady)
{
    JsonArray spans;
    for (const TracedRequest &traced : requests) {
        spans.add(wholeSpan(traced, dayOfSteady));
        if (!traced.trace)
            continue;
        for (const async::Trace::Recorded &recorded : traced.trace->spans())
            spans.add(innerSpan(traced, recorded, dayOfSteady));
    }
    JsonText scope, ofScope, ofResource, all;
    scope.add("name", QByteArrayView("godwit")).add("version", QByteArrayView(service.version));
    ofScope.add("scope", std::move(scope)).add("spans", std::move(spans));
    JsonArray scopes, resources;
    scopes.add(std::move(ofScope));
    ofResource.add("resource", resourceOf(service)).add("scopeSpans", std::move(scopes));
    resources.add(std::move(ofResource));
    all.add("resourceSpans", std::move(resources));
    return std::move(all).finish();
}

} // namespace godwit::metrics::otlp
