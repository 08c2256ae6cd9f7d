// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/runtime.h"

#include "shared/protocol/jsonfields.h"

using namespace Qt::StringLiterals;

namespace godwit::protocol {

QJsonObject RuntimePart::toJson() const
{
    return {
        { u"kind"_s, kind },
        { u"name"_s, name },
        { u"state"_s, state },
        { u"queue_bytes"_s, queueBytes },
        { u"figures"_s, figures },
        { u"limits"_s, limits },
        { u"actions"_s, QJsonArray::fromStringList(actions) },
    };
}

Result<RuntimePart> RuntimePart::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    RuntimePart part{
        .kind = reader.string("kind"_L1),
        .name = reader.string("name"_L1),
        .state = reader.string("state"_L1, QString()),
        .queueBytes = reader.integer("queue_bytes"_L1, 0),
        .figures = reader.object("figures"_L1, QJsonObject()),
        .limits = reader.object("limits"_L1, QJsonObject()),
    };
    const QJsonArray actions = reader.array("actions"_L1, QJsonArray());
    for (const auto &action : actions)
        part.actions.append(action.toString());
    return reader.finish(std::move(part));
}

QJsonObject RuntimeSnapshot::toJson() const
{
    QJsonArray list;
    for (const RuntimePart &part : items)
        list.append(part.toJson());
    return {
        { u"timestamp"_s, toRfc3339(timestamp) },
        { u"items"_s, list },
        { u"omitted"_s, omitted },
        { u"next"_s, QJsonValue() },
    };
}

Result<RuntimeSnapshot> RuntimeSnapshot::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    RuntimeSnapshot snapshot{
        .timestamp = readTime(reader, "timestamp"_L1),
        .items = readList<RuntimePart>(reader, "items"_L1),
        .omitted = reader.object("omitted"_L1, QJsonObject()),
    };
    return reader.finish(std::move(snapshot));
}

} // namespace godwit::protocol
