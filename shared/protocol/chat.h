// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"
#include "shared/core/result.h"

#include <QJsonObject>
#include <QString>

namespace godwit::protocol {

/// What everyone in a room gets on `/ws/chat`.
struct ChatMessage
{
    qint64 id = 0; ///< unique among all rooms
    QString room;
    qint64 offset = 0; ///< dense in the room, from 1
    QString user;
    QString message;
    Timestamp timestamp{};

    QJsonObject toJson() const; ///< `{user, message, timestamp, room, id, offset}`
    static Result<ChatMessage> fromJson(const QJsonObject &json);
    bool operator==(const ChatMessage &) const = default;
};

} // namespace godwit::protocol
