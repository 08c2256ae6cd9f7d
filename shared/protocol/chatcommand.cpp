// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/chatcommand.h"

#include "shared/core/jsonreader.h"

#include <array>
#include <utility>

using namespace Qt::StringLiterals;

namespace godwit::protocol {

using Type = ChatCommand::Type;

static constexpr std::array<std::pair<Type, QLatin1StringView>, 9> commandNames{ {
    { Type::Join, "join"_L1 },
    { Type::Leave, "leave"_L1 },
    { Type::Recover, "recover"_L1 },
    { Type::Post, "post"_L1 },
    { Type::History, "history"_L1 },
    { Type::Typing, "typing"_L1 },
    { Type::Read, "read"_L1 },
    { Type::Edit, "edit"_L1 },
    { Type::Delete, "delete"_L1 },
} };

QString toString(ChatCommand::Type type)
{
    for (const auto &[known, name] : commandNames) {
        if (known == type)
            return name;
    }
    return {};
}

std::optional<Type> commandTypeFrom(const QString &text)
{
    for (const auto &[type, name] : commandNames) {
        if (text == name)
            return type;
    }
    return {};
}

static qint64 readOffset(JsonReader &reader, QLatin1StringView name, std::optional<qint64> fallback, qint64 least)
{
    const qint64 offset = reader.integer(name, fallback);
    if (offset < least)
        reader.fail(name, u"must be at least %1"_s.arg(least));
    return offset;
}

static QString readName(JsonReader &reader, QLatin1StringView name)
{
    const QString text = reader.has(name) ? reader.text(name) : QString();
    if (text.size() > ChatCommand::mostRefLength)
        reader.fail(name, u"must have at most %1 characters"_s.arg(ChatCommand::mostRefLength));
    return text;
}

static void readHistory(JsonReader &reader, ChatCommand &command)
{
    command.before = readOffset(reader, "before"_L1, 0, 0);
    command.after = readOffset(reader, "after"_L1, 0, 0);
    command.limit = int(reader.integer("limit"_L1, command.limit));
    if (command.limit < 1 || command.limit > 500)
        reader.fail("limit"_L1, u"must be between 1 and 500"_s);
    if (command.before > 0 && command.after > 0)
        reader.fail("after"_L1, u"cannot stand beside \"before\""_s);
}

Result<ChatCommand> ChatCommand::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    const auto type = commandTypeFrom(reader.string("type"_L1));
    if (!type) {
        reader.fail("type"_L1, u"must be join, leave, recover, post, history, typing, read, edit or delete"_s);
        return reader.finish(ChatCommand{});
    }
    ChatCommand command{ .type = *type, .room = reader.string("room"_L1), .ref = readName(reader, "ref"_L1) };
    switch (*type) {
    case Type::Join:
    case Type::Leave:
    case Type::Typing:
        break;
    case Type::Recover:
        command.from = LogPosition{ .epoch = reader.string("epoch"_L1).toUtf8(),
                                    .offset = readOffset(reader, "offset"_L1, {}, 0) };
        break;
    case Type::Post:
        command.clientId = readName(reader, "client_id"_L1);
        command.file = reader.has("file"_L1) ? reader.text("file"_L1) : QString();
        if (command.file.isEmpty() || reader.has("message"_L1))
            command.message = reader.string("message"_L1);
        break;
    case Type::History:
        readHistory(reader, command);
        break;
    case Type::Edit:
        command.message = reader.string("message"_L1);
        [[fallthrough]];
    case Type::Read:
    case Type::Delete:
        command.offset = readOffset(reader, "offset"_L1, {}, 1);
        break;
    }
    return reader.finish(std::move(command));
}

QJsonObject ChatCommand::toJson() const
{
    QJsonObject json{ { u"type"_s, toString(type) }, { u"room"_s, room } };
    const auto add = [&json](QLatin1StringView name, const QString &value) {
        if (!value.isEmpty())
            json.insert(name, value);
    };
    add("ref"_L1, ref);
    add("client_id"_L1, clientId);
    add("message"_L1, message);
    add("file"_L1, file);
    if (from) {
        json.insert("epoch"_L1, QString::fromLatin1(from->epoch));
        json.insert("offset"_L1, from->offset);
    }
    if (offset > 0)
        json.insert("offset"_L1, offset);
    if (type == Type::History) {
        if (before > 0)
            json.insert("before"_L1, before);
        if (after > 0)
            json.insert("after"_L1, after);
        json.insert("limit"_L1, limit);
    }
    return json;
}

} // namespace godwit::protocol
