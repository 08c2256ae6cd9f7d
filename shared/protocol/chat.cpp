// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/chat.h"

#include "shared/protocol/jsonfields.h"

using namespace Qt::StringLiterals;

namespace godwit::protocol {

QJsonObject ChatMessage::toJson() const
{
    QJsonObject json{
        { u"user"_s, user }, { u"message"_s, message }, { u"timestamp"_s, toRfc3339(timestamp) },
        { u"room"_s, room }, { u"id"_s, id },           { u"offset"_s, offset },
    };
    if (!mentions.isEmpty())
        json.insert(u"mentions"_s, QJsonArray::fromStringList(mentions));
    if (!file.isEmpty())
        json.insert(u"file"_s, file);
    if (editedAt)
        json.insert(u"edited_at"_s, toRfc3339(*editedAt));
    if (isDeleted)
        json.insert(u"deleted"_s, true);
    return json;
}

Result<ChatMessage> ChatMessage::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    ChatMessage message{
        .id = reader.integer("id"_L1),
        .room = reader.string("room"_L1),
        .offset = reader.integer("offset"_L1),
        .user = reader.string("user"_L1),
        .message = reader.string("message"_L1),
        .timestamp = readTime(reader, "timestamp"_L1),
        .file = reader.string("file"_L1, QString()),
        .editedAt = readOptionalTime(reader, json, "edited_at"_L1),
        .isDeleted = reader.boolean("deleted"_L1, false),
    };
    const QJsonArray mentions = reader.array("mentions"_L1, QJsonArray());
    for (const auto &mention : mentions)
        message.mentions.append(mention.toString());
    return reader.finish(std::move(message));
}

} // namespace godwit::protocol
