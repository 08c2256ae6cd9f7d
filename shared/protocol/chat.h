// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"
#include "shared/core/result.h"

#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <optional>

namespace godwit::protocol {

/// What everyone in a room gets on `/ws/chat`.
struct ChatMessage
{
    qint64 id = 0; ///< unique among all rooms
    QString room{};
    /// Its place in the room's topic of the event log. Those of messages grow; what else happens in a room (a message
    /// is edited, or deleted) has offsets among them.
    qint64 offset = 0;
    QString user{};
    QString message{}; ///< empty if it was deleted
    Timestamp timestamp{};
    QStringList mentions{}; ///< names that stand in it behind an @
    QString file{}; ///< name of one that goes with it, under /files; empty: none
    std::optional<Timestamp> editedAt{};
    bool isDeleted = false;

    /// `{user, message, timestamp, room, id, offset}` and, where there is any, `mentions`, `file`, `edited_at`,
    /// `deleted`.
    QJsonObject toJson() const;
    static Result<ChatMessage> fromJson(const QJsonObject &json);
    bool operator==(const ChatMessage &) const = default;
};

} // namespace godwit::protocol
