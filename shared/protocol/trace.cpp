// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/trace.h"

#include "shared/protocol/jsonfields.h"

using namespace Qt::StringLiterals;

namespace godwit::protocol {

QJsonObject TraceSummary::toJson() const
{
    return {
        { u"trace_id"_s, traceId }, { u"request_id"_s, requestId },           { u"name"_s, name },
        { u"status"_s, status },    { u"timestamp"_s, toRfc3339(timestamp) }, { u"duration_us"_s, durationUs },
    };
}

Result<TraceSummary> TraceSummary::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    TraceSummary summary{
        .traceId = reader.string("trace_id"_L1),
        .requestId = reader.string("request_id"_L1),
        .name = reader.string("name"_L1),
        .status = int(reader.integer("status"_L1)),
        .timestamp = readTime(reader, "timestamp"_L1),
        .durationUs = reader.integer("duration_us"_L1),
    };
    return reader.finish(std::move(summary));
}

QJsonObject TraceSpan::toJson() const
{
    return {
        { u"id"_s, id },
        { u"parent"_s, parent.isEmpty() ? QJsonValue() : QJsonValue(parent) },
        { u"name"_s, name },
        { u"start_us"_s, startUs },
        { u"duration_us"_s, durationUs },
        { u"failed"_s, hasFailed },
        { u"attributes"_s, attributes },
    };
}

Result<TraceSpan> TraceSpan::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    TraceSpan span{
        .id = reader.string("id"_L1),
        .parent = json["parent"_L1].toString(), // null where there is none
        .name = reader.string("name"_L1),
        .startUs = reader.integer("start_us"_L1),
        .durationUs = reader.integer("duration_us"_L1),
        .hasFailed = reader.boolean("failed"_L1, false),
        .attributes = reader.object("attributes"_L1, QJsonObject()),
    };
    return reader.finish(std::move(span));
}

QJsonObject TraceDetail::toJson() const
{
    QJsonArray list;
    for (const TraceSpan &span : spans)
        list.append(span.toJson());
    return {
        { u"trace_id"_s, traceId },
        { u"timestamp"_s, toRfc3339(timestamp) },
        { u"spans"_s, list },
        { u"dropped"_s, dropped },
    };
}

Result<TraceDetail> TraceDetail::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    TraceDetail detail{
        .traceId = reader.string("trace_id"_L1),
        .timestamp = readTime(reader, "timestamp"_L1),
        .spans = readList<TraceSpan>(reader, "spans"_L1),
        .dropped = int(reader.integer("dropped"_L1, 0)),
    };
    return reader.finish(std::move(detail));
}

} // namespace godwit::protocol
