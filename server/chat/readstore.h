// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "shared/core/clock.h"

#include <QList>

namespace godwit::chat {

/// How a user stands in a room.
struct Standing
{
    qint64 readOffset = 0; ///< of the last event that was read; 0: none
    int unread = 0; ///< messages of others behind it, counted up to mostUnread
    int mentions = 0; ///< of these, that have the user's name behind an @
};
inline constexpr int mostUnread = 1'000;

/// A room that has messages, as a user sees it.
struct Room
{
    QString name;
    qint64 lastOffset = 0;
    Timestamp lastMessageAt{};
    Standing standing{};
};

/// The SQL of what was read. Each function is a job's work, on a thread of the pool. Users go by their names, whatever
/// the case.
namespace store {

Standing standing(db::Connection &connection, const QString &room, const QString &user);
/// Never goes back, nor beyond the room's last event. Nothing for a room without messages.
Standing markRead(db::Connection &connection, const QString &room, const QString &user, qint64 offset);
/// In order of their names; at most @p limit of those behind @p after.
QList<Room> rooms(db::Connection &connection, const QString &after, int limit, const QString &user);

} // namespace store
} // namespace godwit::chat
