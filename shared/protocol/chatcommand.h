// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"
#include "shared/protocol/logposition.h"

#include <QJsonObject>
#include <QString>

#include <optional>

namespace godwit::protocol {

/// The subprotocol of `/ws/chat` in which a client sends commands and gets events, each a JSON object with a `type`.
inline constexpr char chatSubprotocol[] = "godwit.chat.v1";

/// What a client of godwit.chat.v1 sends. resources/asyncapi.yaml says what each does, and which events answer it.
struct ChatCommand
{
    enum class Type { Join, Leave, Recover, Post, History, Typing, Read, Edit, Delete };

    Type type = Type::Join;
    QString room{};
    QString ref{}; ///< any; what answers this command repeats it
    QString clientId{}; ///< post: the message's name at its sender; the same again is answered as the first was
    QString message{}; ///< post, edit
    QString file{}; ///< post: name of one under /files; empty: none
    qint64 offset = 0; ///< read, edit, delete: of the message
    std::optional<LogPosition> from{}; ///< recover: of the last event that was seen
    qint64 before = 0, after = 0; ///< history: messages with smaller, or greater offsets; 0 and 0: the newest
    int limit = 50; ///< history: 1 to 500

    static constexpr qsizetype mostRefLength = 128; ///< UTF-16 units, of `ref` and `client_id`

    /// Error::FailedValidation, which names the member.
    static Result<ChatCommand> fromJson(const QJsonObject &json);
    QJsonObject toJson() const;
};

QString toString(ChatCommand::Type type);
std::optional<ChatCommand::Type> commandTypeFrom(const QString &text);

} // namespace godwit::protocol
